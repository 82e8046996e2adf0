// One grid of heads as a picture.

function drawGrid(grid, frame, limits, width, title, id) {
  const values = grid.frames[frame];
  const heads = values[0].length;
  const across = Math.floor(Math.max(NARROWEST, Math.min(WIDEST, (width - LEFT - 4) / heads)));
  const down = Math.floor(Math.max(NARROWEST, Math.min(across, TALLEST / values.length)));
  const broad = Math.max(LEFT + across * heads + 4, Math.min(width, 320));
  const above = LEFT + BAR + 10 + widthOf(grid.block.measure, 11) > broad; // the scale's name
  const whole = [broad, TOP + down * values.length + BOTTOM + (above ? 16 : 0)];
  const drawn = picture(...whole, { role: "grid", "aria-label": `${grid.block.measure}: ${title}` });
  drawn.append(
    svg("defs", {}, hatching(`${id}-hatch`)),
    words(2, 13, cut(title, whole[0] - 4, 12, 600), { "font-size": 12, "font-weight": 600 }, title),
    words(LEFT - 6, 37, "layer", { "text-anchor": "end", "font-size": 10, fill: look.soft }),
    words(LEFT, 26, "head", { "font-size": 10, fill: look.soft }),
  );
  for (let head = 0; head < heads; head += 1) {
    drawn.append(words(LEFT + (head + 0.5) * across, 38, head + 1, { "text-anchor": "middle" }));
  }
  values.forEach((row, layer) => {
    const top = TOP + layer * down;
    const line = svg("g", { role: "row" });
    drawn.append(
      words(LEFT - 6, top + down / 2 + 4, layer + 1, { "text-anchor": "end" }), line,
    );
    row.forEach((value, head) => {
      const box = { x: LEFT + head * across, y: top, width: across, height: down };
      line.append(drawCell(grid, limits, value, box, layer, head, id));
    });
  });
  drawn.append(...scale(grid.block, limits, values, whole, id, above));
  return drawn;
}

function words(x, y, text, attributes = {}, full = "") {
  const element = svg("text", { x, y, ...attributes }, String(text));
  if (full && full !== text) element.append(svg("title", {}, full));
  return element;
}

function drawCell(grid, limits, value, box, layer, head, id) {
  const colours = grid.block.diverging ? look.diverging : look.sequential;
  const { fill, ink } = shade(colours, (value - limits[0]) / (limits[1] - limits[0]));
  const said = value === null ? "no such head, closed or removed" : `${grid.block.measure} ${shown(value)}`;
  const cell = svg(
    "g",
    {
      class: "cell", role: "gridcell", tabindex: -1, "data-layer": layer, "data-head": head,
      "aria-label": `Layer ${layer + 1}, head ${head + 1}: ${said}`,
    },
    svg("rect", { ...box, fill: value === null ? `url(#${id}-hatch)` : fill, stroke: look.line }),
  );
  const text = value === null ? "" : inCell(grid.block, value, limits, box);
  if (text) {
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2 + 3.5];
    cell.append(words(x, y, text, { "text-anchor": "middle", "font-size": 10, fill: ink }));
  }
  const inner = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
  cell.append(svg("rect", { ...inner, class: "ring", fill: "none", stroke: "none" }));
  return cell;
}

// Where there is room the number, with as many digits in all cells; else the sign that grey hides.
function inCell(block, value, limits, box) {
  const [size, far] = [Math.abs(value), Math.max(...limits.map(Math.abs))];
  const sign = value < 0 ? "−" : block.diverging ? "+" : "";
  if (box.width < 30 || box.height < 18) return block.diverging && size > far / 20 ? sign : "";
  const text = size.toFixed(far <= 1 ? 2 : far < 10 ? 1 : 0);
  return Number(text) === 0 ? "0" : sign + text.replace(/^0(?=\.)/, "").replace(/^1\.00$/, "1");
}

function hatching(id) {
  const lines = svg("path", { d: "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6", stroke: "#8c959f" });
  const ground = svg("rect", { width: 8, height: 8, fill: "#ffffff" });
  return svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, ground, lines);
}

// The name of what is shown stands beside the bar, or above it where the picture is narrow.
function scale(block, limits, values, [width, height], id, above) {
  const colours = block.diverging ? look.diverging : look.sequential;
  const stops = colours.map((colour, place) => svg(
    "stop", { offset: place / (colours.length - 1), "stop-color": colour },
  ));
  const bar = { x: LEFT, y: height - 38, width: BAR, height: 10 };
  const ends = block.diverging ? [limits[0], (limits[0] + limits[1]) / 2, limits[1]] : limits;
  const marks = ends.map((end, place) => words(
    bar.x + (bar.width * place) / (ends.length - 1), height - 16, shown(end),
    { "text-anchor": place === 0 ? "start" : place === ends.length - 1 ? "end" : "middle" },
  ));
  const [x, y] = above ? [4, height - 45] : [bar.x + bar.width + 10, height - 29];
  const missing = values.some((row) => row.includes(null));
  return [
    svg("defs", {}, svg("linearGradient", { id: `${id}-scale` }, ...stops)),
    svg("rect", { ...bar, fill: `url(#${id}-scale)`, stroke: look.soft, "stroke-width": 0.5 }),
    ...marks,
    words(x, y, cut(block.measure, width - x, 11), {}, block.measure),
    ...(missing ? [
      svg("rect", { x: LEFT, y: height - 11, width: 16, height: 10, fill: `url(#${id}-hatch)`, stroke: look.line }),
      words(LEFT + 22, height - 2, "no such head, closed or removed", { fill: look.soft }),
    ] : []),
  ];
}
