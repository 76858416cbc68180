// Which view is shown, when it is asked for again, and who is logged in.
import { h, patchChildren } from "./dom.js";
import { get, logIn, logOut, isLoggedIn, NotLoggedIn } from "./api.js";
import { listed, views } from "./views.js";

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const link = document.getElementById("link");
const logout = document.getElementById("logout");
const pauses = { first: 2000, longest: 30000 };
let pause = pauses.first;
let timer = null;
let round = null;

const parts = () => location.hash.replace(/^#\/?/, "").split("/").map((part) => {
  try { return decodeURIComponent(part); } catch { return part; }
});
const viewOf = (path) => Object.hasOwn(views, path[0]) ? views[path[0]] : null;

function showNav(path) {
  patchChildren(nav, Object.entries(listed).map(([key, view]) => {
    const isHere = key === path[0] || (key === "tables" && ["table", "tablet"].includes(path[0]));
    return h("a", { href: `#/${key}`, "aria-current": isHere && "page" }, view.title);
  }));
}

function tell(text, isLost) {
  if (link.textContent !== text) link.textContent = text;
  link.className = isLost ? "link lost" : "link";
}

// One round of the view: asked, shown, and the next one set. A round of another view before it is given up.
async function refresh() {
  clearTimeout(timer);
  round?.abort();
  const mine = round = new AbortController();
  const path = parts();
  const view = viewOf(path);
  showNav(path);
  if (!view) return show("Not found", [h("p", null, "There is no such view.")]);
  const title = typeof view.title === "function" ? view.title(path) : view.title;
  try {
    const data = await view.load((asked) => get(asked, mine.signal), path);
    if (mine.signal.aborted) return;
    show(title, view.show(data, path));
    tell("live", false);
    pause = pauses.first;
  } catch (error) {
    if (mine.signal.aborted) return;
    if (error instanceof NotLoggedIn) return askForUser(isLoggedIn() ? error.message : "");
    tell(`no news: ${error.message}`, true);
    if (main.getAttribute("aria-busy") === "true") show(title, [h("p", { class: "alert" }, error.message)]);
    pause = Math.min(pauses.longest, pause * 2);
  }
  if (!document.hidden) timer = setTimeout(refresh, pause);
}

function show(title, nodes) {
  document.title = `${title} · tabletd`;
  logout.hidden = !isLoggedIn();
  patchChildren(main, [h("h1", null, title), ...nodes.flat(3).filter(Boolean)]);
  main.setAttribute("aria-busy", "false");
}

function askForUser(refusal) {
  logOut();
  logout.hidden = true;
  tell("", false);
  document.title = "Log in · tabletd";
  const form = h("form", { class: "login", "aria-labelledby": "login-title" },
    h("h1", { id: "login-title" }, "Log in"),
    refusal && h("p", { class: "bad", role: "alert" }, refusal),
    h("label", null, "User", h("input", { name: "user", autocomplete: "username", required: true, value: "root" })),
    h("label", null, "Password", h("input", { name: "password", type: "password", autocomplete: "current-password" })),
    h("button", { type: "submit" }, "Log in"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    logIn(form.elements.user.value, form.elements.password.value);
    begin();
  });
  main.replaceChildren(form);
  main.setAttribute("aria-busy", "false");
  form.elements[form.elements.user.value ? "password" : "user"].focus();
}

// Another view, or the same one for another user: nothing of what was shown stays.
function begin() {
  pause = pauses.first;
  main.replaceChildren();
  main.setAttribute("aria-busy", "true");
  refresh();
}

window.addEventListener("hashchange", () => { begin(); main.focus(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
logout.addEventListener("click", () => { round?.abort(); clearTimeout(timer); askForUser(""); });
begin();
