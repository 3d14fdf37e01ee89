// The print button. Without this file the browser's own menu prints.
"use strict";

document.querySelectorAll("[data-prints]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
