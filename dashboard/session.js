// Keeps a session alive by what a person does, warns a minute before it ends, and leaves nothing on the screen after it.
(() => {
  const WARN = 60, REPORT_EVERY = 60_000, LOOK_EVERY = 30_000, TICK = 1000;
  let until = Infinity, warning = "", language = "", reportedAt = -Infinity, report = 0, asking = false;

  const leave = () => {
    document.documentElement.style.visibility = "hidden";
    document.documentElement.dataset.leaves = "";
    location.replace("/login?ended=1&next=" + encodeURIComponent(location.pathname + location.search));
  };

  const ask = async (method) => {
    if (asking && method === "GET") return;
    asking = true;
    try {
      const answer = await fetch("/api/session", {method, cache: "no-store"});
      if (answer.status === 401) return leave();
      if (!answer.ok) return;
      const told = await answer.json();
      until = Date.now() + told.seconds_left * 1000;
      warning = told.warning;
      language = told.language;
      warn();
    } catch { /* the server is away: connection.js says so, and Streamlit connects again */ } finally { asking = false; }
  };

  const warn = () => {
    const left = (until - Date.now()) / 1000, shown = document.getElementById("session-ends");
    if (left > WARN) return shown?.remove();
    if (shown) return;
    const box = document.createElement("div");
    box.id = "session-ends";
    box.setAttribute("role", "alert");
    box.style.cssText = "position:fixed;z-index:1000000;inset:1rem 1rem auto;margin:auto;max-width:32rem;padding:1rem 1.25rem;"
      + "border-radius:10px;background:#5c1a12;color:#fff;font:600 16px/1.5 system-ui,sans-serif;box-shadow:0 4px 24px rgb(0 0 0/.4)";
    box.textContent = warning;
    box.lang = language;
    document.body.append(box);
  };

  const send = () => { report = 0; reportedAt = Date.now(); ask("POST"); };
  const act = (event) => {
    if (!event.isTrusted || report) return;
    const wait = document.getElementById("session-ends") ? 0 : REPORT_EVERY - (Date.now() - reportedAt);
    if (wait <= 0) send(); else report = setTimeout(send, wait);
  };
  for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, act, {capture: true, passive: true});

  // Another tab may have kept the session alive, or somebody may have ended it: only the server knows.
  let wasNear = false;
  setInterval(() => {
    const isNear = until - Date.now() <= WARN * 1000;
    if (isNear !== wasNear || Date.now() >= until) ask("GET");
    wasNear = isNear;
  }, TICK);
  setInterval(() => ask("GET"), LOOK_EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask("GET"); });
  new MutationObserver(() => ask("GET")).observe(document.getElementById("root"), {
    subtree: true, attributes: true, attributeFilter: ["data-test-connection-state"],
  });
  ask("GET");
})();
