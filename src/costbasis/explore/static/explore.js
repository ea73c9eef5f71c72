/* The sliders: what is set goes into the address, and the parts of the page that depend on it are fetched again. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const controls = [...document.querySelectorAll(".control")];
  const ladder = byId("ladder");
  const more = byId("more");
  let settings = new Map(new URLSearchParams(location.search).getAll("set").map((text) => {
    const at = text.indexOf("=");
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  }));
  let timer = 0;

  const query = () => {
    const old = new URLSearchParams(location.search);
    const now = new URLSearchParams();
    for (const name of ["of", "plan"]) if (old.has(name)) now.set(name, old.get(name));
    for (const key of [...settings.keys()].sort()) now.append("set", `${key}=${settings.get(key)}`);
    return now.toString();
  };

  const show = (into, response, html) => {
    const open = [...into.querySelectorAll("details")].map((one) => one.open);
    into.innerHTML = html;
    [...into.querySelectorAll("details")].forEach((one, index) => { one.open = Boolean(open[index]); });
    const took = byId("took");
    const ms = response.headers.get("x-costbasis-ms");
    if (into === ladder) byId("live").textContent = ladder.querySelector(".answer, .error p")?.textContent || "";
    if (into === ladder && took && ms) took.textContent = ` · answered in ${ms} ms`;
  };

  /* One request at a time for each part: while it is under way, only the newest wish is kept. */
  const part = (path, into) => {
    let isAsking = false;
    let isStale = false;
    const ask = async () => {
      if (isAsking) { isStale = true; return; }
      isAsking = true;
      into.setAttribute("aria-busy", "true");
      try {
        do {
          isStale = false;
          const response = await fetch(`${path}?${query()}`, { credentials: "same-origin" });
          const html = await response.text();
          show(into, response, html);
        } while (isStale);
      } catch {
        into.textContent = "The explorer does not answer. Is costbasis explore still running?";
      }
      isAsking = false;
      into.setAttribute("aria-busy", "false");
    };
    return ask;
  };
  const fetchLadder = part("/ladder", ladder);
  const fetchMore = part("/more", more);

  const moved = () => {
    const now = query();
    history.replaceState(null, "", now ? `/?${now}` : "/");
    document.querySelectorAll("a[data-to]").forEach((link) => { link.href = `${link.dataset.to}?${now}`; });
    byId("reset-all").disabled = settings.size === 0;
    fetchLadder();
    clearTimeout(timer);
    timer = setTimeout(fetchMore, 400);
  };

  const say = (control) => {
    const range = control.querySelector("input");
    const key = control.dataset.key;
    const isSet = settings.has(key);
    const text = isSet ? control.dataset.texts.split("|")[range.value] : control.dataset.said;
    control.classList.toggle("set", isSet);
    control.querySelector("output").textContent = text;
    range.setAttribute("aria-valuetext", text);
    control.querySelector(".reset").disabled = !isSet;
  };

  controls.forEach((control) => {
    const range = control.querySelector("input");
    range.addEventListener("input", () => {
      settings.set(control.dataset.key, control.dataset.values.split(" ")[range.value]);
      say(control);
      moved();
    });
    control.querySelector(".reset").addEventListener("click", () => {
      settings.delete(control.dataset.key);
      range.value = control.dataset.middle;
      say(control);
      range.focus();
      moved();
    });
  });

  const all = byId("reset-all");
  if (all) all.addEventListener("click", () => {
    settings = new Map();
    controls.forEach((control) => {
      const range = control.querySelector("input");
      range.value = control.dataset.middle;
      say(control);
    });
    moved();
  });

  const go = (of, plan) => {
    const now = new URLSearchParams();
    if (of) now.set("of", of);
    if (plan) now.set("plan", plan);
    for (const [key, value] of settings) if (!key.startsWith("claim/")) now.append("set", `${key}=${value}`);
    location.assign(`/?${now}`);
  };
  const plan = byId("plan");
  byId("of").addEventListener("change", (event) => go(event.target.value, ""));
  if (plan) plan.addEventListener("change", (event) => go(byId("of").value, event.target.value));
  byId("choice").addEventListener("submit", (event) => { event.preventDefault(); go(byId("of").value, plan ? plan.value : ""); });

  byId("file").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const said = byId("filed");
    said.textContent = "";
    try {
      const response = await fetch(`/files?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: await file.text(), credentials: "same-origin" });
      const found = await response.json();
      if (response.ok) location.assign(`/?${new URLSearchParams({ of: found.of })}`);
      else said.textContent = [found.where, found.what, found.hint].filter(Boolean).join(" · ");
    } catch {
      said.textContent = "The file could not be handed in: it is too large, or the explorer has ended.";
    }
    event.target.value = "";
  });

  byId("copy").addEventListener("click", async () => {
    const said = byId("copied");
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = "Copied. Whoever opens it needs an explorer of their own.";
    } catch {
      said.textContent = location.href;
    }
  });

  if (!ladder.querySelector(".error")) fetchMore();
})();
