// People as rows: filtered, sorted, and some at a time.

const STEP = 50; // rows, so that a page of thousands stays quick
const names = new Intl.Collator("en", { numeric: true });
const form = document.getElementById("filters");
const rows = document.getElementById("rows");
const more = document.getElementById("more");
let fitting = [];

function byName(one, other) {
  return names.compare(one.identity, other.identity) || names.compare(one.clip, other.clip);
}

/** Smallest first or last; who has no value comes last either way. */
function byValue(valueOf, sign) {
  return (one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === null || b === null) return (a === null) - (b === null) || byName(one, other);
    return sign * (a - b) || byName(one, other);
  };
}

function order() {
  const [value, down] = form.elements.order.value.split(" ");
  const sign = down ? -1 : 1;
  if (value === "count") return byValue((person) => person.count, sign);
  if (value === "angle") return byValue((person) => person.angle, sign);
  return (one, other) => sign * byName(one, other);
}

/** The same for capitals and small letters, and for é as one character or as two. */
function plain(text) {
  return text.toLowerCase().normalize("NFC");
}

function fits() {
  const part = plain(form.elements.name.value.trim());
  const angle = form.elements.angle.valueAsNumber;
  const least = form.elements.least.valueAsNumber;
  const lacking = form.elements.lacking.checked;
  return (person) =>
    (!part || plain(`${person.identity} ${person.clip}`).includes(part)) &&
    (Number.isNaN(angle) || (person.angle ?? Infinity) <= angle) &&
    (Number.isNaN(least) || person.count >= least) &&
    (!lacking || !person.target);
}

function choose() {
  fitting = data.people.filter(fits()).sort(order());
  hide();
  rows.replaceChildren();
  showMore();
}

function showMore() {
  const from = rows.children.length;
  rows.append(...fitting.slice(from, from + STEP).map(row));
  watchRows(rows);
  more.hidden = rows.children.length >= fitting.length;
  tell();
}

/** Whoever asks by the keyboard goes on with the first of those who have come. */
function goOn(event) {
  const next = rows.children.length;
  showMore();
  const faces = rows.children[next].querySelector(".faces");
  fill(faces);
  if (event.detail === 0) faces.firstChild?.focus();
}

function tell() {
  const [shown, all] = [rows.children.length, data.people.length];
  const found = document.getElementById("found");
  if (!all) found.textContent = "There are no people here.";
  else if (!fitting.length) found.textContent = `Nobody fits, of ${many(all)}. Reset shows all again.`;
  else found.textContent = `${count(fitting.length)} of ${many(all)} fit; ${below(shown)} below.`;
}

function below(shown) {
  return shown < fitting.length ? `the first ${count(shown)} are` : "all of them are";
}

function many(people) {
  return people === 1 ? "1 person" : `${count(people)} people`;
}

function count(value) {
  return value.toLocaleString("en");
}

function row(person) {
  const label = [person.identity, person.clip].filter(Boolean).join(", ");
  const made = element("li", { class: "person" });
  const faces = element("div", { class: "faces", role: "group", "aria-label": `Faces of ${label}` });
  faces.dataset.faces = person.faces.join(" ");
  if (person.target) faces.dataset.target = print(person.angle, "°");
  made.append(who(person), faces);
  return made;
}

function who(person) {
  const name = element("h3", {}, element("bdi", {}, person.identity));
  if (person.clip) name.append(", clip ", element("bdi", {}, person.clip));
  const made = element("div", { class: "who" }, name);
  for (const words of facts(person)) made.append(element("p", {}, words));
  return made;
}

function facts(person) {
  const found = [person.count === 1 ? "1 face" : `${count(person.count)} faces`];
  if (person.faces.length < person.count) found.push(`${person.faces.length} shown`);
  if (person.images === 1) found.push("1 image without one");
  if (person.images > 1) found.push(`${count(person.images)} images without one`);
  const lacks = person.target ? [] : ["no target"];
  return [found.join(", "), [...lacks, person.reason].filter(Boolean).join(": ")].filter(Boolean);
}

function update() {
  document.documentElement.classList.toggle("plain", !form.elements.axes.checked);
  choose();
}

if (form) {
  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update)); // when the fields are as they were
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", goOn);
  form.hidden = false;
  update();
}
if (location.hash) fillAll();
