// One websocket for each tab, shared by all parts of the page. A part that hears of a change asks for one redraw.

const LINE = Symbol.for("ringback.line")
const PART = Symbol("part")
const SOONEST = 500, LATEST = 10000 // milliseconds between two tries to dial
const SILENT_AFTER = 60000 // the server says something every 25 s
const UNANSWERED_AFTER = 1500 // a redraw that was asked for while Streamlit was away, or of a page that was being left
const LOOK_EVERY = 1000
const HANG_UP_AFTER = 1000 // another page has parts of its own, and keeps the line

function theLine() {
  const line = (window[LINE] ??= { parts: new Set(), told: {}, socket: null, wait: SOONEST, heardAt: 0 })
  line.looking ??= setInterval(() => look(line), LOOK_EVERY)
  return line
}

function dial(line) {
  const address = new URL("/live", location.href)
  address.protocol = address.protocol.replace("http", "ws")
  const socket = (line.socket = new WebSocket(address))
  line.heardAt = Date.now()
  socket.onopen = () => line.parts.forEach((part) => follow(line, part))
  socket.onmessage = (event) => line.socket === socket && hear(line, JSON.parse(event.data))
  socket.onclose = () => line.socket === socket && redial(line)
}

function follow(line, { topic, seen }) {
  if (line.socket?.readyState === WebSocket.OPEN) line.socket.send(JSON.stringify({ topic, seen }))
}

function hear(line, { version, changed }) {
  line.wait = SOONEST
  line.heardAt = Date.now()
  for (const topic of changed) line.told[topic] = version
  for (const part of line.parts) if (changed.includes(part.topic) && !isNewer(part.seen, version)) part.wants = true
  askNext(line)
}

function redial(line) {
  line.socket = null
  setTimeout(() => line.socket || !line.parts.size || dial(line), line.wait * (0.75 + Math.random() / 2))
  line.wait = Math.min(line.wait * 2, LATEST)
}

function hangUp(line) {
  const socket = line.socket
  line.socket = null
  socket?.close()
}

function look(line) {
  if (line.socket && Date.now() - line.heardAt > SILENT_AFTER) {
    // A laptop that slept believes its lines stand.
    hangUp(line)
    redial(line)
  }
  if (isRunning(line)) return
  for (const part of line.parts) if (part.askedAt && Date.now() - part.askedAt > UNANSWERED_AFTER) ask(part)
  askNext(line)
}

// One after the other, and when nothing runs: what a run has not sent yet when the next is asked for, Streamlit forgets.
function askNext(line) {
  const parts = [...line.parts]
  if (parts.some((part) => part.askedAt) || isRunning(line)) return
  const [first] = parts.filter((part) => part.wants).sort((one, other) => one.topic.localeCompare(other.topic))
  if (first) ask(first)
}

function isRunning(line) {
  const app = document.querySelector("[data-testid=stApp]")
  if (line.app !== app) {
    line.watching?.disconnect()
    line.watching = new MutationObserver(() => askNext(line)) // unlike a timer, awake in a tab that nobody sees
    line.watching.observe((line.app = app), { attributes: true, attributeFilter: ["data-test-script-state"] })
  }
  return ["running", "rerunRequested"].includes(app.dataset.testScriptState)
}

function ask(part) {
  part.askedAt = Date.now()
  part.redraw()
}

// Versions are "process:count"; of two processes nobody can say which has heard more.
function isNewer(seen, told) {
  const [seenBy, seenCount] = seen.split(":"), [toldBy, toldCount] = told.split(":")
  return seenBy === toldBy && Number(seenCount) >= Number(toldCount)
}

function isOlder(seen, told) {
  return seen.split(":")[0] === told?.split(":")[0] && !isNewer(seen, told)
}

// ---- a call comes in: heard and seen in another window, if the person at this browser wants that

const WANTED = "ringback.alarm", RUNG = "ringback.rung"
let sound = null

function unlock() {
  sound ??= new AudioContext()
  if (sound.state === "suspended") sound.resume()
}

function play() {
  unlock()
  for (const [after, pitch] of [[0, 660], [0.22, 880], [0.44, 660]]) {
    const tone = sound.createOscillator(), volume = sound.createGain(), at = sound.currentTime + after
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.0001, at)
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.2)
    tone.connect(volume).connect(sound.destination)
    tone.start(at)
    tone.stop(at + 0.2)
  }
}

function alarm(offer, words) {
  if (!offer || localStorage.getItem(WANTED) !== "on" || sessionStorage.getItem(RUNG) === offer) return
  sessionStorage.setItem(RUNG, offer)
  play()
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return
  const note = new Notification(words.title, { body: words.body, tag: offer })
  note.onclick = () => (window.focus(), note.close())
}

function offerChoice(parentElement, words, asks) {
  const choice = parentElement.querySelector("input")
  parentElement.querySelector("label").hidden = !words || !asks
  if (!words) return
  parentElement.querySelector("span").textContent = words.choice
  if (choice.onchange) return
  choice.checked = localStorage.getItem(WANTED) === "on"
  if (choice.checked) addEventListener("pointerdown", unlock, { once: true, capture: true })
  choice.onchange = () => {
    localStorage.setItem(WANTED, choice.checked ? "on" : "off")
    if (!choice.checked) return
    play()
    if ("Notification" in window && Notification.permission === "default") Notification.requestPermission()
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const part = (parentElement[PART] ??= {})
  Object.assign(part, { topic: data.topic, seen: data.seen, askedAt: 0, wants: false })
  part.redraw = () => setTriggerValue("changed", Date.now())
  offerChoice(parentElement, data.alarm, data.asks)
  alarm(data.offer, data.alarm)

  const line = theLine()
  if (!line.parts.has(part)) {
    line.parts.add(part)
    follow(line, part)
  }
  if (!line.socket) queueMicrotask(() => line.socket || dial(line))
  part.wants = isOlder(part.seen, line.told[part.topic])
  queueMicrotask(() => askNext(line))
  return () => {
    line.parts.delete(part)
    askNext(line)
    setTimeout(() => line.parts.size || hangUp(line), HANG_UP_AFTER)
  }
}
