// A sentence with a running time in it. It ticks here: the server is not asked.

const CLOCKS = Symbol.for("ringback.clocks")

const two = (number) => String(number).padStart(2, "0")

function watch(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return `${hours ? `${hours}:` : ""}${two(minutes)}:${two(seconds % 60)}`
}

const told = (length, parts) => length.replace(/\{(\w+)\}/g, (_, name) => parts[name])

function words(seconds, lengths) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60)
  if (seconds < 60) return told(lengths.seconds, { s: seconds })
  if (minutes < 10) return told(lengths.precise, { min: minutes, s: two(seconds % 60) })
  if (hours < 1) return told(lengths.minutes, { min: minutes })
  if (hours < 48) return told(lengths.hours, { h: hours, min: two(minutes % 60) })
  return told(lengths.days, { days: Math.floor(hours / 24) })
}

function tick(clock) {
  const { at, down, written, lengths, strong, warning, last, look } = clock.told
  const now = Date.now() + clock.ahead
  const seconds = Math.floor(Math.max(0, down ? at - now : now - at) / 1000)
  const shown = written === "watch" ? watch(seconds) : words(seconds, lengths)
  if (clock.time.textContent !== shown) clock.time.textContent = shown
  const isLate = Boolean(warning) && seconds < last
  const said = isLate ? warning : strong
  if (clock.strong.textContent !== said) clock.strong.textContent = said
  clock.line.className = isLate ? "warning" : look
  clock.button.hidden = !clock.told.button || !isLate || seconds === 0
}

export default function ({ data, parentElement, setTriggerValue }) {
  const clocks = (window[CLOCKS] ??= new Map())
  const line = parentElement.querySelector("p")
  const [before, after] = line.querySelectorAll("span")
  before.textContent = data.before
  after.textContent = data.after

  const known = clocks.get(parentElement)
  // The server's clock counts; how far it is ahead of this one is learnt once for each drawing.
  const ahead = known?.told.now === data.now ? known.ahead : data.now - Date.now()
  const clock = { told: data, ahead, line,
    time: line.querySelector("time"), strong: line.querySelector("strong"), button: line.querySelector("button") }
  clock.button.textContent = data.button
  clock.button.onclick = () => setTriggerValue("pressed", Date.now())
  clocks.set(parentElement, clock)
  tick(clock)
  clocks.ticking ??= setInterval(() => clocks.forEach(tick), 250)
  return () => clocks.delete(parentElement)
}
