// Behaviour of the page frame. Every page works without it; nothing here holds data of a patient.
"use strict";

(() => {
  const root = document.documentElement;
  const spoken = document.getElementById("spoken");

  /** Tell screen readers, politely. */
  function say(text) {
    if (!spoken) return;
    spoken.textContent = "";
    setTimeout(() => { spoken.textContent = text; }, 50);
  }

  // -- dialogs: a link to a page of its own opens the dialog instead, where there is one ------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens-dialog]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const dialog = document.getElementById(opener.dataset.opensDialog);
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        if (dialog.id === "shortcuts") listShortcuts(dialog);
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-closes-dialog]");
    const open = closer && closer.closest("dialog");
    if (open) { event.preventDefault(); open.close(); return; }
    if (event.target instanceof HTMLDialogElement && event.target.id !== "session-ending" && !event.target.querySelector("form[method=post]")) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) event.target.close();
    }
  });
  document.querySelectorAll(".shortcuts-button").forEach((button) => { button.hidden = false; });

  // a link that acts as a button answers the space bar as buttons do
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target instanceof Element && event.target.matches("a[role=button]")) {
      event.preventDefault();
      event.target.click();
    }
  });

  // -- a button that sends only once ---------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "post" && !form.hasAttribute("data-may-repeat")) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 4000);
    }
  });

  // -- theme: at once, and the cookie as the server would set it -----------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-themes] button[name=theme]");
    if (!button) return;
    event.preventDefault();
    root.dataset.bsTheme = button.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    button.closest("[data-themes]").querySelectorAll("button[name=theme]").forEach((other) => {
      other.setAttribute("aria-pressed", String(other === button));
    });
    document.dispatchEvent(new CustomEvent("look:theme"));
    say(`${button.textContent.trim()} appearance`);
  });

  // -- reasons of flags: also on hover -------------------------------------------------------------------------------
  let hovering;
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const flag = event.target.closest && event.target.closest(".flag[popovertarget]");
    clearTimeout(hovering);
    document.querySelectorAll(".reason[data-hover]:popover-open").forEach((reason) => {
      if (!flag || reason.id !== flag.getAttribute("popovertarget")) {
        if (!reason.contains(event.target)) { reason.hidePopover(); delete reason.dataset.hover; }
      }
    });
    if (!flag) return;
    const reason = document.getElementById(flag.getAttribute("popovertarget"));
    hovering = setTimeout(() => {
      if (reason && reason.isConnected && !reason.matches(":popover-open")) { reason.dataset.hover = "yes"; showBeside(flag, reason); }
    }, 250);
  });
  function showBeside(flag, reason) {
    try { reason.showPopover({ source: flag }); } catch { reason.showPopover(); }
  }

  // -- shortcuts: declared as data-shortcut="g r" with data-shortcut-label -------------------------------------------
  function shortcuts() { return Array.from(document.querySelectorAll("[data-shortcut]")); }
  function listShortcuts(dialog) {
    const list = dialog.querySelector("[data-shortcut-list]");
    list.querySelectorAll("[data-made]").forEach((row) => row.remove());
    const seen = new Set();
    for (const element of shortcuts().reverse()) {
      const keys = element.dataset.shortcut;
      if (seen.has(keys)) continue;
      seen.add(keys);
      const row = document.createElement("div");
      row.dataset.made = "yes";
      const term = document.createElement("dt");
      keys.split(" ").forEach((key, index) => {
        if (index) term.append(" ");
        const sign = document.createElement("kbd");
        sign.textContent = key;
        term.append(sign);
      });
      const meaning = document.createElement("dd");
      meaning.textContent = element.dataset.shortcutLabel || element.textContent.trim();
      row.append(term, meaning);
      list.prepend(row);
    }
  }
  function isTyping(target) {
    return target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
  }
  let prefix = "";
  let forget;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (walk(event)) return;
    const typed = prefix ? `${prefix} ${event.key}` : event.key;
    const found = shortcuts().find((element) => element.dataset.shortcut === typed);
    clearTimeout(forget);
    prefix = "";
    if (found) {
      event.preventDefault();
      if (found.matches("input, textarea, select")) found.focus();
      else found.click();
    } else if (shortcuts().some((element) => element.dataset.shortcut.startsWith(`${typed} `))) {
      prefix = typed;
      forget = setTimeout(() => { prefix = ""; }, 1500);
    }
  });

  // -- rows of a table: j and k walk along the links that open them ---------------------------------------------------
  function walk(event) {
    if (prefix || (event.key !== "j" && event.key !== "k")) return false;
    const table = (event.target.closest && event.target.closest("[data-rows]")) || document.querySelector("main [data-rows]");
    const links = table ? Array.from(table.querySelectorAll(".row-link")) : [];
    if (!links.length) return false;
    const row = event.target.closest("tr, li");
    const here = links.findIndex((link) => row && row.contains(link));
    const there = event.key === "j" ? Math.min(here + 1, links.length - 1) : Math.max(here - 1, 0);
    event.preventDefault();
    links[there].focus();
    links[there].scrollIntoView({ block: "nearest" });
    return true;
  }

  // -- filters: apply as soon as a choice changes --------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest && event.target.closest("form[data-filters][data-applies-at-once]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });

  // -- the session's end: warn two minutes before, keep drafts, share the last click between tabs ----------------------
  const sessionSeconds = Number(document.body.dataset.sessionSeconds || 0);
  const ending = document.getElementById("session-ending");
  if (sessionSeconds && ending) {
    const KEY = "look.last-seen";
    const warning = Math.min(120, sessionSeconds / 2);
    let warned = false;
    const touch = () => { try { localStorage.setItem(KEY, String(Date.now())); } catch { /* a browser without storage */ } last = Date.now(); };
    let last = Date.now();
    const seen = () => { try { return Math.max(last, Number(localStorage.getItem(KEY)) || 0); } catch { return last; } };
    touch();
    document.addEventListener("htmx:afterRequest", touch);
    document.addEventListener("look:session-extended", touch);
    ending.querySelector("[data-session-stay]").addEventListener("click", async () => {
      const answer = await fetch(document.body.dataset.sessionExtend || location.href, { headers: { "X-Requested-With": "look" }, redirect: "manual" });
      if (answer.ok) { touch(); ending.close(); say("You stay signed in"); } else { location.reload(); }
    });
    ending.addEventListener("cancel", (event) => event.preventDefault());
    setInterval(() => {
      const left = Math.round(sessionSeconds - (Date.now() - seen()) / 1000);
      if (left > warning) { warned = false; if (ending.open) ending.close(); return; }
      if (!warned) {
        warned = true;
        document.dispatchEvent(new CustomEvent("look:session-ending", { detail: { secondsLeft: left } }));
        ending.showModal();
      }
      ending.querySelector("[data-session-left]").textContent = left > 90 ? "2 minutes" : left > 45 ? "a minute" : `${Math.max(left, 0)} seconds`;
      if (left <= -2) { document.dispatchEvent(new CustomEvent("look:session-ended")); location.reload(); }
    }, 1000);
  }

  // -- partial pages: put the focus where the answer says, tell what failed ------------------------------------------
  document.addEventListener("htmx:afterSwap", (event) => {
    const wanted = event.target.querySelector && event.target.querySelector("[autofocus]");
    if (wanted) wanted.focus();
  });
  document.addEventListener("htmx:sendError", () => fail("The server could not be reached. Nothing was saved; try again."));
  document.addEventListener("htmx:responseError", (event) => {
    fail(event.detail.xhr.status === 403 ? "This is not open to you, or you were signed out." : "Something went wrong. Nothing was saved; try again.");
  });
  function fail(text) {
    const messages = document.getElementById("messages");
    if (!messages) return;
    const note = document.createElement("div");
    note.className = "note note-danger";
    note.textContent = text;
    messages.append(note);
  }
})();
