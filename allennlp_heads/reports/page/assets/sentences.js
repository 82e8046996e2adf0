// Arcs over the words of a sentence: what a head attends to above, the annotation below.

const WORD_GAP = 18, ARC_STEP = 17, LONGEST_WORD = 150;

class SentenceArcs {
  constructor(figure) {
    this.data = dataOf(figure);
    this.figure = figure;
    this.sentence = this.data.sentences[0];
    this.head = this.data.heads[0];
    const place = figure.querySelector(".drawn");
    this.controls = html("div", { class: "controls" });
    this.box = scrolling({});
    place.append(this.controls, this.box);
    this.tip = new Tip(place);
    this.addControls();
    this.draw();
    this.listen();
    downloads(figure, this.data.title, async () => asText(this.box.firstChild));
  }

  addControls() {
    const { sentences, heads } = this.data;
    const named = sentences.map((one, place) => {
      const start = one.words.slice(0, 7).join(" ");
      return [String(place), `${place + 1}: ${start}${one.words.length > 7 ? " …" : ""}`];
    });
    const [sentence, head] = [html("select"), html("select")];
    options(sentence, named, "0");
    options(head, heads.map((one) => [one, headName(one)]), this.head);
    sentence.addEventListener("change", () => {
      this.sentence = sentences[Number(sentence.value)];
      this.draw();
    });
    head.addEventListener("change", () => {
      this.head = head.value;
      this.draw();
    });
    this.controls.append(labelled("Sentence", sentence), labelled("Head", head));
  }

  attended() {
    return this.sentence.attended[this.head] || this.sentence.words.map(() => null);
  }

  draw() {
    this.tip.hide();
    const drawn = drawSentence(this.sentence, this.attended(), this.head);
    this.box.replaceChildren(drawn);
    markMore(this.box);
    drawn.querySelector(".word").setAttribute("tabindex", 0);
  }

  listen() {
    const wordOf = (event) => event.target.closest(".word");
    for (const kind of ["pointerover", "focusin"]) {
      this.box.addEventListener(kind, (event) => {
        if (wordOf(event)) this.show(wordOf(event));
      });
    }
    for (const kind of ["pointerleave", "focusout"]) this.box.addEventListener(kind, () => this.hide());
    this.box.addEventListener("keydown", (event) => {
      const word = wordOf(event);
      if (event.key === "Escape") this.hide();
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!word || !step) return;
      event.preventDefault();
      const next = this.box.querySelector(`.word[data-word="${Number(word.dataset.word) + step}"]`);
      if (!next) return;
      word.setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });
  }

  show(word) {
    this.hide();
    const place = Number(word.dataset.word);
    word.classList.add("chosen");
    for (const arc of this.box.querySelectorAll(`[data-from="${place}"]`)) arc.classList.add("chosen");
    const { words: all, gold } = this.sentence;
    const rows = [["attends to", said(all, this.attended()[place])]];
    for (const [dependent, governor, label] of gold) {
      if (dependent === place) rows.push([label, governor < 0 ? "the root" : said(all, governor)]);
    }
    this.tip.show(word, `${all[place]} (${place + 1})`, rows);
  }

  hide() {
    this.tip.hide();
    for (const one of this.box.querySelectorAll(".chosen")) one.classList.remove("chosen");
  }
}

function headName(key) {
  const [layer, head] = key.split(".").map(Number);
  return `layer ${layer + 1}, head ${head + 1}`;
}

function said(all, place) {
  return place === null || place === undefined ? "no word" : `${all[place]} (${place + 1})`;
}

// Arcs that lie within each other get heights of their own.
function levels(arcs) {
  const found = new Map();
  const sorted = [...arcs].sort((a, b) => Math.abs(a[0] - a[1]) - Math.abs(b[0] - b[1]));
  for (const arc of sorted) {
    const [low, high] = [Math.min(arc[0], arc[1]), Math.max(arc[0], arc[1])];
    let level = 1;
    for (const [other, height] of found) {
      const [from, to] = [Math.min(other[0], other[1]), Math.max(other[0], other[1])];
      if (from < high && to > low) level = Math.max(level, height + 1);
    }
    found.set(arc, level);
  }
  return found;
}

function drawSentence(sentence, attended, head) {
  const names = sentence.words.map((word) => cut(word, LONGEST_WORD, 13));
  const sizes = names.map((name) => Math.max(widthOf(name, 13), 8));
  const middles = [];
  let right = 16;
  for (const size of sizes) {
    middles.push(right + size / 2);
    right += size + WORD_GAP;
  }
  const above = levels(attended.map((to, from) => [from, to]).filter(([from, to]) => to !== null && to !== from));
  const below = levels(sentence.gold.filter(([, governor]) => governor >= 0));
  const top = 34 + ARC_STEP * Math.max(1, ...above.values());
  const bottom = 44 + ARC_STEP * Math.max(1, ...below.values());
  const drawn = picture(Math.max(right, 300), top + 26 + bottom, {
    "aria-label": `${headName(head)}: what each word attends to, and the annotation`, role: "group",
  });
  drawn.append(
    words(4, 14, `${headName(head)} attends to`, { "font-weight": 600, fill: look.series[0] }),
    words(4, top + 22 + bottom - 6, "annotation", { "font-weight": 600, fill: look.series[1] }),
  );
  const governed = new Set(sentence.gold.map(([dependent, governor]) => `${dependent}>${governor}`));
  const annotated = (arc) => governed.has(`${arc[0]}>${arc[1]}`) || governed.has(`${arc[1]}>${arc[0]}`);
  for (const [arc, level] of above) {
    const lines = annotated(arc)
      ? { stroke: look.series[0], "stroke-width": 2.5 }
      : { stroke: "#8c959f", "stroke-dasharray": "4 3" };
    drawn.append(arcOf(middles, arc, top, -level, lines));
  }
  attended.forEach((to, from) => {
    if (to === from) drawn.append(svg("circle", { cx: middles[from], cy: top - 7, r: 4, fill: "none", stroke: "#8c959f", "data-from": from }));
  });
  for (const [arc, level] of below) {
    drawn.append(arcOf(middles, arc, top + 24, level, { stroke: look.series[1] }, arc[2]));
  }
  names.forEach((name, place) => drawn.append(wordAt(sentence, attended, name, place, middles[place], top)));
  return drawn;
}

function wordAt(sentence, attended, name, place, middle, top) {
  const label = `${sentence.words[place]}, attends to ${said(sentence.words, attended[place])}`;
  const text = words(middle, top + 16, name, { "text-anchor": "middle", "font-size": 13, style: "unicode-bidi: plaintext" }, sentence.words[place]);
  return svg("g", { class: "word", role: "img", tabindex: -1, "data-word": place, "aria-label": label }, text);
}

// From a word to the one it depends on or attends to, which has the arrow's head.
function arcOf(middles, [from, to], base, level, lines, label = "") {
  const [start, end] = [middles[from], middles[to]];
  const peak = base + level * ARC_STEP;
  const inward = Math.sign(end - start) * Math.min(12, Math.abs(end - start) / 3);
  const path = `M${start},${base} C${start},${peak} ${start},${peak} ${start + inward},${peak} L${end - inward},${peak} C${end},${peak} ${end},${peak} ${end},${base}`;
  const away = Math.sign(peak - base) * 6;
  const arrow = `M${end},${base} l-3.5,${away} h7 z`;
  const drawn = svg(
    "g", { class: "arc", "data-from": from },
    svg("path", { d: path, fill: "none", ...lines }),
    svg("path", { d: arrow, fill: lines.stroke }),
  );
  if (label) {
    const between = Math.abs(end - start) - 10;
    drawn.append(words((start + end) / 2, peak + 10, cut(label, Math.max(between, 34), 10), { "text-anchor": "middle", "font-size": 10 }, label));
  }
  return drawn;
}
