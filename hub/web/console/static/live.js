// Puts what the server sends into the part of the page that asked for it. The server made it:
// the same template, escaped there. Without this script the page shows the same when reloaded.
"use strict";
const streams = new Map(); // one for all parts that ask the same address
for (const part of document.querySelectorAll("[data-live]")) {
  const address = part.dataset.live;
  if (!streams.has(address)) streams.set(address, new EventSource(address));
  streams.get(address).addEventListener(part.dataset.event, (event) => {
    const focused = document.activeElement;
    if (part.contains(focused)) return; // nobody loses the place that they are at
    part.innerHTML = event.data;
  });
}
// Asks for the page again while it says that it changes, and takes over the parts that do.
const changing = [...document.querySelectorAll("[data-again]")];
async function again() {
  const answer = await fetch(location.href).catch(() => null); // the hub may be away for a moment
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const goesOn = page.querySelector("[data-again]") !== null;
    for (const part of changing) {
      const fresh = page.getElementById(part.id);
      if (!fresh) return location.reload(); // it is another page now, such as that of the sign-in
      if (!(goesOn && part.contains(document.activeElement))) part.innerHTML = fresh.innerHTML;
    }
    if (!goesOn) return;
  }
  setTimeout(again, 2000);
}
if (changing.length) setTimeout(again, 2000);
