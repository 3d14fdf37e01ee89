// How long the page has been open stands beside a field for minutes; a click takes it over. Without this file the field
// is typed into, or left empty.
"use strict";

(() => {
  const fields = document.querySelectorAll("[data-work-minutes]");
  if (!fields.length) return;
  const cameAt = Date.now();
  let hiddenSince = 0;
  let away = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenSince = Date.now();
    else if (hiddenSince) { away += Date.now() - hiddenSince; hiddenSince = 0; }
  });
  const minutes = () => Math.max(1, Math.round((Date.now() - cameAt - away) / 60_000));
  fields.forEach((field) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet btn-sm work-timer";
    const say = () => { button.textContent = `Open for ${minutes()} min: take it`; };
    button.addEventListener("click", () => { field.value = minutes(); field.focus(); });
    say();
    setInterval(say, 15_000);
    field.insertAdjacentElement("afterend", button);
  });
})();
