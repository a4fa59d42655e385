// Copies what stands before a button, and says so on it; where the browser forbids that, it is selected at least.
addEventListener("click", ({ target }) => {
  const button = target.closest?.("button[data-copied]")
  if (!button) return
  getSelection().selectAllChildren(button.previousElementSibling)
  // the clipboard's newer way in is closed to pages that come without TLS
  if (document.execCommand("copy")) button.textContent = button.dataset.copied
})
