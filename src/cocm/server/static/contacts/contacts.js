// Entries: the clock ticks, work on the page is told to the timer, what is left of a split is said, drafts are saved
// before a session ends. Without this file the buttons do all of it.
"use strict";

(() => {
  const SIGN_EVERY = 60_000;

  // -- clocks: what the server measured, and the time since the page came --------------------------------------------
  const cameAt = Date.now();
  function tick() {
    document.querySelectorAll(".entry-clock[data-runs]").forEach((clock) => {
      const seconds = Number(clock.dataset.seconds) + Math.floor((Date.now() - cameAt) / 1000);
      const hours = Math.floor(seconds / 3600);
      const minutes = Math.floor((seconds % 3600) / 60);
      const two = (number) => String(number).padStart(2, "0");
      clock.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
    });
  }
  if (document.querySelector(".entry-clock[data-runs]")) { tick(); setInterval(tick, 1000); }

  // -- signs of work: somebody types, clicks or scrolls while the page is in front -----------------------------------
  let signedAt = Date.now();
  function worked() {
    const timer = document.querySelector("[data-work-signs]");
    if (!timer || document.hidden || !window.htmx || Date.now() - signedAt < SIGN_EVERY) return;
    signedAt = Date.now();
    window.htmx.trigger(timer, "work-sign");
  }
  ["keydown", "pointerdown", "scroll"].forEach((name) => document.addEventListener(name, worked, { passive: true }));

  // -- the split of an encounter -------------------------------------------------------------------------------------
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const rest = form.querySelector("[data-split-rest]");
  const first = rest ? rest.textContent : "";
  function sayRest() {
    const total = Number(form.elements.service_minutes.value);
    const split = Number(form.elements.split_minutes.value);
    rest.textContent = split > 0 && total >= split
      ? `${total} minutes: ${split} of psychotherapy, ${total - split} for Collaborative Care.`
      : first;
  }
  if (rest) { form.addEventListener("input", sayRest); sayRest(); }

  // -- drafts: what was typed since the last save is saved before the session ends -----------------------------------
  let unsaved = false;
  form.addEventListener("input", () => { unsaved = true; });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target && event.detail.target.id === "draft-state") unsaved = false;
  });
  document.addEventListener("look:session-ending", () => {
    const state = document.getElementById("draft-state");
    if (unsaved && state && window.htmx) window.htmx.trigger(state, "save-draft");
  });
})();
