// What all figures use: elements, data of a figure, numbers, colours, and the box beside a mark.
"use strict";

const look = JSON.parse(document.getElementById("look").textContent);
const content = document.getElementById("content");

// Text from data only ever becomes a text node or the value of an attribute.
function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function html(name, attributes = {}, ...children) {
  return made(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return made(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

// A whole picture: it carries its font and its background, so that a saved one looks the same.
function picture(width, height, attributes = {}) {
  return svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`,
      "font-family": look.font, "font-size": 11, fill: look.ink, ...attributes,
    },
    svg("rect", { width, height, fill: "#ffffff" }),
  );
}

function dataOf(figure) {
  return JSON.parse(figure.querySelector("script").textContent);
}

// Folded figures have no width of their own; all of them are as wide as the content.
function room() {
  const style = getComputedStyle(content);
  return Math.floor(
    content.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
  );
}

function shown(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

const measuring = document.createElement("canvas").getContext("2d");

function widthOf(text, size, weight = 400) {
  measuring.font = `${weight} ${size}px ${look.font}`;
  return measuring.measureText(text).width;
}

function cut(text, width, size, weight = 400) {
  if (widthOf(text, size, weight) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && widthOf(`${letters.join("")}…`, size, weight) > width) letters.pop();
  return `${letters.join("")}…`;
}

function rgb(colour) {
  return [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
}

// The colour at a share from 0 to 1 of a scale, and an ink that reads on it.
function shade(scale, share) {
  const place = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
  const lower = Math.min(Math.floor(place), scale.length - 2);
  const [from, to] = [rgb(scale[lower]), rgb(scale[lower + 1])];
  const mixed = from.map((part, one) => Math.round(part + (to[one] - part) * (place - lower)));
  const light = (0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2]) / 255;
  return { fill: `rgb(${mixed.join(",")})`, ink: light < 0.55 ? "#ffffff" : look.ink };
}

// A box that shows what is known of a mark. It never takes the pointer.
class Tip {
  constructor(place) {
    this.place = place;
    this.box = html("div", { class: "tip", role: "tooltip" });
    this.box.hidden = true;
    place.append(this.box);
  }

  show(mark, title, rows) {
    const list = html("dl");
    for (const [name, value] of rows) {
      list.append(html("dt", {}, html("bdi", {}, name)), html("dd", {}, html("bdi", {}, value)));
    }
    this.box.replaceChildren(html("strong", {}, title), list);
    this.box.hidden = false;
    const [outer, at] = [this.place.getBoundingClientRect(), mark.getBoundingClientRect()];
    const right = outer.width - this.box.offsetWidth;
    const middle = at.left - outer.left + (at.width - this.box.offsetWidth) / 2;
    const below = at.bottom - outer.top + 8;
    const above = at.top - outer.top - this.box.offsetHeight - 8;
    const fits = at.bottom + 8 + this.box.offsetHeight < window.innerHeight;
    this.box.style.left = `${Math.max(0, Math.min(middle, right))}px`;
    this.box.style.top = `${fits || at.top < this.box.offsetHeight + 8 ? below : above}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}

// A box that scrolls sideways fades at its right end as long as there is more of it.
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.isConnected) markMore(target.closest(".scroll"));
    else widths.unobserve(target); // drawn anew
  }
});

function markMore(box) {
  if (box) box.toggleAttribute("data-more", box.scrollWidth - box.clientWidth - box.scrollLeft > 3);
}

function watchWidth(box) {
  widths.observe(box);
  for (const inner of box.children) widths.observe(inner);
  box.addEventListener("scroll", () => markMore(box), { passive: true });
  return box;
}

function scrolling(attributes, ...children) {
  return watchWidth(html("div", { class: "scroll", ...attributes }, ...children));
}

function labelled(text, control) {
  return html("label", {}, text, control);
}

function options(select, entries, chosen) {
  select.replaceChildren(
    ...entries.map(([value, text]) => html("option", { value, dir: "auto" }, text)),
  );
  select.value = chosen;
}
