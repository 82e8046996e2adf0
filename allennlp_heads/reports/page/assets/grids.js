// Grids of heads: layers downward, heads across, both from 1.

const LEFT = 34, TOP = 44, BOTTOM = 48, BAR = 130, NARROWEST = 15, WIDEST = 40, TALLEST = 540;
const grids = []; // every grid of the page, to be compared with others

function collectGrids(figures) {
  for (const figure of figures) {
    const data = dataOf(figure);
    data.grids.forEach((grid, place) => {
      const frames = data.frames.length ? grid.values : [grid.values];
      grids.push({
        key: `${figure.id}/${place}`, block: data, name: grid.name, frames,
        details: Object.entries(grid.details).map(
          ([name, values]) => [name, data.frames.length ? values : [values]],
        ),
        size: `${frames[0].length}x${(frames[0][0] || []).length}`,
      });
    });
  }
}

class HeadGrids {
  constructor(figure) {
    this.figure = figure;
    this.own = grids.filter((grid) => grid.key.startsWith(`${figure.id}/`));
    const { block, size } = this.own[0];
    this.block = block;
    this.others = grids.filter(
      (grid) => grid.block !== block && grid.block.measure === block.measure && grid.size === size,
    );
    this.frame = block.frames.length - 1;
    this.at = [0, 0];
    this.first = this.own[0];
    this.second = null;
    const place = figure.querySelector(".drawn");
    this.controls = html("div", { class: "controls" });
    this.panes = html("div", { class: "panes" });
    place.append(this.controls, this.panes);
    this.tip = new Tip(place);
    this.addControls();
    this.draw();
    this.listen();
    downloads(figure, block.title, async () => asText(together([...this.panes.querySelectorAll("svg")])));
  }

  addControls() {
    const { frames } = this.block;
    if (this.own.length > 1) {
      this.controls.append(labelled("Show", this.select([["", this.own]], false, (grid) => {
        this.first = grid;
      })));
    }
    if (this.own.length + this.others.length > 1) {
      const groups = new Map([[this.block, this.own]]);
      for (const grid of this.others) {
        groups.set(grid.block, [...(groups.get(grid.block) || []), grid]);
      }
      const named = [...groups].map(([block, list]) => [`${block.run}: ${block.title}`, list]);
      this.controls.append(labelled("Compare with", this.select(named, true, (grid) => {
        this.second = grid;
      })));
    }
    if (frames.length > 1) {
      const said = html("output", { dir: "auto" }, frames[this.frame]);
      const slider = html("input", { type: "range", min: 0, max: frames.length - 1, step: 1 });
      slider.value = this.frame;
      slider.setAttribute("aria-valuetext", frames[this.frame]);
      slider.addEventListener("input", () => {
        this.frame = Number(slider.value);
        said.textContent = frames[this.frame];
        slider.setAttribute("aria-valuetext", frames[this.frame]);
        this.draw();
      });
      this.controls.append(labelled("Step", slider), said);
    }
  }

  select(groups, optional, choose) {
    const select = html("select");
    if (optional) select.append(html("option", { value: "" }, "nothing"));
    for (const [title, list] of groups) {
      const entries = list.map((grid) => html("option", { value: grid.key, dir: "auto" }, grid.name));
      select.append(...(title && groups.length > 1
        ? [html("optgroup", { label: title }, ...entries)] : entries));
    }
    select.addEventListener("change", () => {
      choose(grids.find((grid) => grid.key === select.value) || null);
      this.draw();
    });
    return select;
  }

  shownGrids() {
    return this.second ? [this.first, this.second] : [this.first];
  }

  frameOf(grid) {
    return Math.max(0, Math.min(this.frame, grid.frames.length - 1));
  }

  // Both panes have the same colours, or they could not be compared.
  limits() {
    const ends = this.shownGrids().map((grid) => grid.block.limits);
    return [Math.min(...ends.map((end) => end[0])), Math.max(...ends.map((end) => end[1]))];
  }

  draw() {
    const list = this.shownGrids();
    this.tip.hide();
    this.panes.classList.toggle("two", list.length > 1);
    const beside = list.length > 1 && !window.matchMedia("(max-width: 48rem)").matches;
    const width = beside ? (room() - 20) / 2 : room();
    this.panes.replaceChildren(...list.map((grid, place) => scrolling(
      {},
      drawGrid(grid, this.frameOf(grid), this.limits(), width, this.label(grid, list), `${this.figure.id}-${place}`),
    )));
    this.focusable();
  }

  label(grid, list) {
    const { frames, run } = grid.block;
    const names = [grid.name];
    if (list.some((one) => one.block.run !== list[0].block.run)) names.unshift(run);
    if (frames.length) names.unshift(frames[this.frameOf(grid)]);
    return names.join(", ");
  }

  cell(pane, [layer, head]) {
    return pane.querySelector(`.cell[data-layer="${layer}"][data-head="${head}"]`);
  }

  // One stop for the tab key in each pane; arrows go on from there.
  focusable() {
    for (const pane of this.panes.children) {
      const old = pane.querySelector('.cell[tabindex="0"]');
      if (old) old.setAttribute("tabindex", -1);
      this.cell(pane, this.at).setAttribute("tabindex", 0);
    }
  }

  listen() {
    const cellOf = (event) => event.target.closest(".cell");
    this.panes.addEventListener("pointerover", (event) => {
      if (cellOf(event)) this.show(cellOf(event));
    });
    this.panes.addEventListener("pointerleave", () => this.hide());
    this.panes.addEventListener("focusin", (event) => {
      if (cellOf(event)) this.show(cellOf(event));
    });
    this.panes.addEventListener("focusout", () => this.hide());
    this.panes.addEventListener("click", (event) => {
      if (cellOf(event)) cellOf(event).focus();
    });
    this.panes.addEventListener("keydown", (event) => {
      if (cellOf(event)) this.move(event, cellOf(event));
    });
  }

  move(event, cell) {
    if (event.key === "Escape") this.hide();
    const steps = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -1e6], End: [0, 1e6], PageUp: [-1e6, 0], PageDown: [1e6, 0],
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const [layers, heads] = this.first.size.split("x").map(Number);
    const within = (place, count) => Math.max(0, Math.min(count - 1, place));
    this.at = [
      within(Number(cell.dataset.layer) + step[0], layers),
      within(Number(cell.dataset.head) + step[1], heads),
    ];
    this.focusable();
    this.cell(cell.closest(".panes > *"), this.at).focus();
  }

  show(cell) {
    this.hide();
    const at = [Number(cell.dataset.layer), Number(cell.dataset.head)];
    for (const pane of this.panes.children) this.cell(pane, at).classList.add("chosen");
    if (document.activeElement === cell) {
      this.at = at;
      this.focusable();
    }
    this.tip.show(cell, `Layer ${at[0] + 1}, head ${at[1] + 1}`, this.facts(cell, at));
  }

  facts(cell, [layer, head]) {
    const list = this.shownGrids();
    const value = (grid) => grid.frames[this.frameOf(grid)][layer][head];
    const here = list[[...this.panes.children].indexOf(cell.closest(".panes > *"))];
    const rows = [[here.block.measure, known(value(here))]];
    for (const [name, values] of here.details) {
      rows.push([name, shown(values[this.frameOf(here)][layer][head])]);
    }
    for (const other of list.filter((grid) => grid !== here)) {
      rows.push([this.label(other, list), known(value(other))]);
      if (value(here) !== null && value(other) !== null) {
        rows.push(["difference", shown(value(here) - value(other))]);
      }
    }
    return rows;
  }

  hide() {
    this.tip.hide();
    for (const cell of this.panes.querySelectorAll(".chosen")) cell.classList.remove("chosen");
  }
}

function known(value) {
  return value === null ? "no such head, closed or removed" : shown(value);
}
