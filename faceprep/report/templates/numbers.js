// The numbers of the face that is pointed at, tapped, or reached by the keyboard.

const ROWS = [
  ["yaw", (face) => print(face.yaw, "°", 1)],
  ["pitch", (face) => print(face.pitch, "°", 1)],
  ["roll", (face) => print(face.roll, "°", 1)],
  ["angle", (face) => print(face.angle, "°", 1)],
  ["frontality", (face) => print(face.frontality, "", 1)],
  ["size", (face) => print(face.size, " px")],
  ["sharpness", (face) => print(face.sharpness)],
  ["score", (face) => print(face.score, "", 2)],
];
const card = document.getElementById("numbers");
const LINGER = 150; // ms in which the pointer may cross over to the card
let leaving = 0;
let shownFor = null;

function showFor(button) {
  clearTimeout(leaving);
  if (button === shownFor) return;
  hide();
  const face = faceAt(Number(button.dataset.face));
  card.replaceChildren(element("p", { class: "path" }, element("bdi", {}, face.key)), numbers(face));
  card.hidden = false;
  place(button);
  button.setAttribute("aria-describedby", card.id);
  shownFor = button;
}

function numbers(face) {
  const list = element("dl");
  for (const [name, words] of ROWS) {
    list.append(element("div", {}, element("dt", {}, name), element("dd", {}, words(face))));
  }
  return list;
}

/** Below the face, or above where there is no room; within the window. */
function place(button) {
  const face = button.getBoundingClientRect();
  const room = document.documentElement.clientWidth - card.offsetWidth - 8;
  const left = Math.max(8, Math.min(face.left, room));
  const below = face.bottom + card.offsetHeight + 8 < window.innerHeight;
  const top = below || face.top < card.offsetHeight ? face.bottom + 4 : face.top - card.offsetHeight - 4;
  card.style.left = `${left + window.scrollX}px`;
  card.style.top = `${top + window.scrollY}px`;
}

function hide() {
  clearTimeout(leaving);
  shownFor?.removeAttribute("aria-describedby");
  shownFor = null;
  card.hidden = true;
}

function faceOf(event) {
  return event.target instanceof Element ? event.target.closest(".face") : null;
}

function follow(event) {
  const button = faceOf(event);
  if (button) showFor(button);
  else if (card.contains(event.target)) clearTimeout(leaving);
  else if (event.type === "pointerdown") hide();
}

function leave(event) {
  if (!faceOf(event) && !card.contains(event.target)) return;
  clearTimeout(leaving);
  leaving = setTimeout(hide, event.type === "focusout" ? 0 : LINGER);
}

for (const kind of ["pointerover", "pointerdown", "focusin", "click"]) document.addEventListener(kind, follow);
for (const kind of ["pointerout", "focusout"]) document.addEventListener(kind, leave);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
window.addEventListener("resize", hide);
