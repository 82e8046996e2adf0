// Saving a figure as SVG or PNG. Both are made in the page; nothing is sent or fetched.

const PIXELS = 2; // of a PNG, for each pixel of the page

function downloads(figure, title, draw) {
  const bar = html("div", { class: "download" }, "Save as");
  for (const kind of ["SVG", "PNG"]) {
    const button = html(
      "button", { type: "button", "aria-label": `Save as ${kind}: ${title}` }, kind,
    );
    button.addEventListener("click", async () => {
      const text = await draw();
      const file = new Blob([text], { type: "image/svg+xml" });
      save(kind === "SVG" ? file : await pixels(file), `${fileName(title)}.${kind.toLowerCase()}`);
    });
    bar.append(button);
  }
  figure.append(bar);
  return bar;
}

function fileName(title) {
  const name = title.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "_").slice(0, 60);
  return name.replace(/^_+|_+$/g, "") || "figure";
}

function save(blob, name) {
  const link = html("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function pixels(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  await image.decode();
  const canvas = html("canvas", { width: image.width * PIXELS, height: image.height * PIXELS });
  const pen = canvas.getContext("2d");
  pen.scale(PIXELS, PIXELS);
  pen.drawImage(image, 0, 0);
  URL.revokeObjectURL(image.src);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

function asText(drawn) {
  return new XMLSerializer().serializeToString(drawn);
}

// Several pictures beside each other as one.
function together(pictures, gap = 24) {
  if (pictures.length === 1) return pictures[0];
  const sizes = pictures.map((one) => [Number(one.getAttribute("width")), Number(one.getAttribute("height"))]);
  const width = sizes.reduce((sum, [wide]) => sum + wide + gap, -gap);
  const whole = picture(width, Math.max(...sizes.map(([, high]) => high)));
  let left = 0;
  pictures.forEach((one, place) => {
    const copy = one.cloneNode(true);
    copy.setAttribute("x", left);
    whole.append(copy);
    left += sizes[place][0] + gap;
  });
  return whole;
}
