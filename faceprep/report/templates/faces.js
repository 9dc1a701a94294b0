// A face: its picture, the axes of its head, and the angle below it.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const LENGTH = 24; // of an axis that lies in the picture, of a picture 100 wide

/** The numbers of a face under their names. */
function faceAt(number) {
  const values = data.faces[number];
  return Object.fromEntries(data.fields.map((name, place) => [name, values[place]]));
}

/** An element with attributes, and children that are elements or text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A number as in print; a dash where there is none. */
function print(value, unit = "", digits = 0) {
  if (value === null) return "–";
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "negative" };
  return value.toLocaleString("en", places).replace("-", "−") + unit;
}

/** A button with the picture of a face; a target says that it is one, and the angle it was chosen for. */
function tile(number, target) {
  const face = faceAt(number);
  const words = target === undefined ? print(face.angle, "°") : `target ${target}`;
  const kind = target === undefined ? "face" : "face target";
  const made = element("button", { type: "button", class: kind, "data-face": number });
  made.append(crop(face), element("span", { class: "angle" }, words));
  return made;
}

/** The picture with the axes over it; without a crop, the axes alone. */
function crop(face) {
  const made = element("span", { class: "crop" });
  const alt = `Face, yaw ${print(face.yaw, "°")}, pitch ${print(face.pitch, "°")}`;
  const posed = face.yaw !== null && face.pitch !== null;
  if (face.picture) made.append(element("img", { src: face.picture, alt }));
  else if (posed) made.append(element("span", { role: "img", "aria-label": alt }));
  else made.append(element("span", { class: "blank" }, "no crop"));
  if (posed) made.append(axes(face.yaw, face.pitch));
  return made;
}

/**
 * The axes of a head that is seen from the front, turned as faceprep/faces/pose.py defines: by yaw
 * (> 0 toward the right), then by pitch (> 0 up). Roll is not in a crop: alignment has taken it out.
 */
function axes(yaw, pitch) {
  const [sy, cy] = [Math.sin(radians(yaw)), Math.cos(radians(yaw))];
  const [sp, cp] = [Math.sin(radians(pitch)), Math.cos(radians(pitch))];
  const ends = { right: [cy, sp * sy], up: [0, -cp], ahead: [sy, -sp * cy] };
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 100 100");
  drawing.setAttribute("aria-hidden", "true");
  for (const end of Object.values(ends)) drawing.append(axis("edge", end));
  for (const [name, end] of Object.entries(ends)) drawing.append(axis(name, end));
  return drawing;
}

function axis(name, [x, y]) {
  const made = document.createElementNS(SVG, "path");
  made.setAttribute("class", name);
  made.setAttribute("d", `M50 50l${(LENGTH * x).toFixed(1)} ${(LENGTH * y).toFixed(1)}`);
  return made;
}

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

/** Draws the tiles of a row: Tab reaches the first, which may be a target, and the arrow keys the others. */
function fill(row) {
  watcher.unobserve(row);
  const { faces, target } = row.dataset;
  const numbers = faces.split(" ").filter(Boolean).map(Number);
  row.replaceChildren(...numbers.map((each, place) => tile(each, place ? undefined : target)));
  row.childNodes.forEach((each, place) => { each.tabIndex = place ? -1 : 0; });
}

/** Rows are drawn when they come near, so that the page opens as quickly with many as with few. */
const watcher = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) if (isIntersecting) fill(target);
}, { rootMargin: "1000px" });

function watchRows(within) {
  within.querySelectorAll("[data-faces]:empty").forEach((row) => watcher.observe(row));
}

/** Another face of the same row. */
function walk(event) {
  const here = event.target.closest(".face");
  const row = here && [...here.parentNode.children];
  const place = row && {
    ArrowRight: row.indexOf(here) + 1,
    ArrowLeft: row.indexOf(here) - 1,
    Home: 0,
    End: row.length - 1,
  }[event.key];
  if (!row?.[place]) return;
  event.preventDefault();
  here.tabIndex = -1;
  row[place].tabIndex = 0;
  row[place].focus();
}

/** For a print; and before a jump within the page, whose end would be pushed on by rows drawn on the way. */
function fillAll() {
  document.querySelectorAll("[data-faces]:empty").forEach(fill);
}

watchRows(document);
document.addEventListener("keydown", walk);
document.addEventListener("click", (event) => { if (event.target.closest('a[href^="#"]')) fillAll(); });
window.addEventListener("beforeprint", fillAll);
