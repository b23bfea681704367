// Material fetches the whole search index with every page. Here it comes when a reader first does
// something, which is before they can have typed a word; with ?q= in the address, at once.
{
  const { open, send } = XMLHttpRequest.prototype;
  const signs = ["pointermove", "pointerdown", "touchstart", "keydown", "focusin"];
  let acted = new URLSearchParams(location.search).has("q");
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.waits = String(url).endsWith("search_index.json");
    open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    const now = () => {
      signs.forEach((sign) => removeEventListener(sign, now));
      acted = true;
      send.apply(this, body);
    };
    if (acted || !this.waits) send.apply(this, body);
    else signs.forEach((sign) => addEventListener(sign, now, { passive: true }));
  };
}
