addEventListener("pagehide", () => {
  for (const field of document.querySelectorAll("input, textarea")) {
    if (field.type == "radio" || field.type == "checkbox") field.checked = false
    else if (field.type != "hidden") field.value = ""
  }
})
addEventListener("pageshow", (shown) => shown.persisted && location.reload())
document.querySelector(".leave").addEventListener("click", (pressed) => {
  pressed.preventDefault()
  top.location.replace(pressed.currentTarget.href)
})
