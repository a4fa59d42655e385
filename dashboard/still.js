// A page is shown once it stands, all of it at once: Streamlit draws it from the top, and what comes later moves what is there.
(() => {
  const LONGEST = 2000, BEGINS = 100 // milliseconds: then what is there is shown; then a run would have begun
  const STILL = 3 // frames in a row in which nothing was missing or moved
  const main = () => document.querySelector("[data-testid=stMain]")
  const isRunning = () => !document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
  // A television has no heading of the page; the grey bars that Streamlit draws before it is connected are none.
  const isThere = () => main()?.querySelector("[data-testid=stElementContainer] > :not([data-testid=stAppSkeleton])")
  const isWhole = () => isThere() && !main().querySelector("[data-stale=true], [data-testid=stSkeleton]")
  let visit = 0, shown = ""

  function arrive() {
    if (location.pathname === shown) return
    shown = location.pathname
    document.documentElement.classList.add("arriving")
    const mine = ++visit
    let began = 0, hasRun = false, frames = 0, height = 0
    const look = (now) => {
      if (mine !== visit) return
      if (isThere()) began ||= now
      hasRun ||= isRunning() || (began > 0 && now - began > BEGINS)
      const isAsBefore = height === (height = main()?.firstElementChild?.scrollHeight)
      frames = hasRun && !isRunning() && isWhole() && isAsBefore ? frames + 1 : 0
      if (frames < STILL && !(began && now - began > LONGEST)) return requestAnimationFrame(look)
      document.documentElement.classList.remove("arriving")
      document.getElementById("first-frame")?.remove() // of a page that is opened by its address
    }
    requestAnimationFrame(look)
  }

  for (const name of ["pushState", "replaceState"]) {
    const go = history[name]
    history[name] = function (...where) {
      go.apply(this, where)
      arrive()
    }
  }
  addEventListener("popstate", arrive)
  arrive()
})()
