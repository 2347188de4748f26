// Puts what the server sends into the part of the page that asked for it. The server made it:
// the same template, escaped there. Without this script the page shows the same when reloaded.
"use strict";
for (const part of document.querySelectorAll("[data-live]")) {
  const stream = new EventSource(part.dataset.live);
  stream.addEventListener(part.dataset.event, (event) => {
    const focused = document.activeElement;
    if (part.contains(focused)) return; // nobody loses the place that they are at
    part.innerHTML = event.data;
  });
}
