// Streamlit opens and closes parts of a page with motion, whatever the person asked their computer for.
if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
  const animate = Element.prototype.animate
  Element.prototype.animate = function (frames, options) {
    return animate.call(this, frames, { ...(typeof options === "object" ? options : {}), duration: 0 })
  }
}
