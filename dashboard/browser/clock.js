// A sentence with a running time in it. It ticks here: the server is not asked.

const CLOCKS = Symbol.for("ringback.clocks")

const two = (number) => String(number).padStart(2, "0")

function watch(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`
}

function words(seconds) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60)
  if (seconds < 60) return `${seconds} s`
  if (minutes < 10) return `${minutes} min ${two(seconds % 60)} s`
  if (hours < 1) return `${minutes} min`
  return hours < 48 ? `${hours} h ${two(minutes % 60)} min` : `${Math.floor(hours / 24)} days`
}

function tick(clock) {
  const { at, down, written } = clock.told
  const now = Date.now() + clock.ahead
  const seconds = Math.floor(Math.max(0, down ? at - now : now - at) / 1000)
  const shown = written === "watch" ? watch(seconds) : words(seconds)
  if (clock.time.textContent !== shown) clock.time.textContent = shown
}

export default function ({ data, parentElement }) {
  const clocks = (window[CLOCKS] ??= new Map())
  const line = parentElement.querySelector("p")
  const [before, after] = line.querySelectorAll("span")
  line.className = data.look
  line.querySelector("strong").textContent = data.strong
  before.textContent = data.before
  after.textContent = data.after

  const known = clocks.get(parentElement)
  // The server's clock counts; how far it is ahead of this one is learnt once for each drawing.
  const ahead = known?.told.now === data.now ? known.ahead : data.now - Date.now()
  const clock = { told: data, ahead, time: line.querySelector("time") }
  clocks.set(parentElement, clock)
  tick(clock)
  clocks.ticking ??= setInterval(() => clocks.forEach(tick), 250)
  return () => clocks.delete(parentElement)
}
