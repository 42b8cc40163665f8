// Keeps the live parts of a page fresh, by asking for the same page again. Without it the page is right when it comes.
const PAUSE_MS = 4_000;

/** Puts what has changed into the page, part by part, so that focus and scrolling stay where they are. */
function takeOver(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    const opened = [...part.querySelectorAll("details")].map(({ open }) => open);
    for (const [at, details] of (other?.querySelectorAll("details") ?? []).entries())
      details.open = opened[at] ?? false;
    if (other && other.innerHTML !== part.innerHTML && !part.contains(document.activeElement))
      part.innerHTML = other.innerHTML;
  }
  const goes_on = fresh.body.dataset.livePages === "true";
  if (!goes_on) delete document.body.dataset.livePages;
}

async function refresh() {
  if (document.visibilityState === "hidden") return true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    // Signed out, or a page that asks for something else: whoever looks should see it.
    if (answer.status === 401 || answer.redirected) location.reload();
    if (answer.ok) takeOver(await answer.text());
  } catch {
    // The network is away: the page stays as it is, and is asked for again.
  }
  return document.body.dataset.livePages === "true";
}

function refreshLater() {
  setTimeout(async () => {
    if (await refresh()) refreshLater();
  }, PAUSE_MS);
}

if (document.body.dataset.livePages === "true") refreshLater();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.copied;
  });
}

for (const form of document.querySelectorAll("form[method=post]"))
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
