// Puts the text of a chosen file where it would be pasted. Without this script one pastes it.
"use strict";
for (const chooser of document.querySelectorAll("[data-file-for]")) {
  const text = document.getElementById(chooser.dataset.fileFor);
  chooser.hidden = false;
  chooser.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) text.value = await file.text();
  });
}
