/* Questions: how many are answered; on a phone the next one comes into view; staff answer by the keys 0 to 9. */
(() => {
  "use strict";
  const form = document.querySelector("[data-questions]");
  if (!form) return;
  const questions = [...form.querySelectorAll("[data-question]")];
  const progress = form.querySelector("[data-progress]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const count = () => {
    if (!progress) return;
    const done = questions.filter((question) => question.querySelector("input:checked")).length;
    progress.textContent = `${done} ${progress.dataset.of} ${questions.length}`;
    progress.hidden = false;
  };
  const following = (question) => questions[questions.indexOf(question) + 1];
  let byPointer = false;
  form.addEventListener("pointerdown", () => { byPointer = true; });
  form.addEventListener("keydown", () => { byPointer = false; });

  form.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    count();
    if (!question) return;
    question.classList.remove("is-lacking");
    const next = following(question);
    if (byPointer && next && !("keys" in form.dataset)) {
      next.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    }
  });

  if ("keys" in form.dataset) {
    form.addEventListener("keydown", (event) => {
      if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
      const question = event.target.closest("[data-question]");
      if (!question) return;
      const chosen = question.querySelector(`input[value="${event.key}"]`);
      if (!chosen) return;
      event.preventDefault();
      chosen.checked = true;
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
      const next = following(question);
      const target = next ? next.querySelector("input") : form.querySelector(".actions button");
      if (target) target.focus();
    });
    const first = questions[0] && questions[0].querySelector("input");
    if (first && !form.querySelector("[autofocus]")) first.focus();
  }
  count();
})();
