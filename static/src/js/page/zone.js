// The server learns the browser's time zone from a cookie, so that editable times are shown in it. A form keeps the
// zone that it was shown with.
const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone || "");
const secure = location.protocol === "https:" ? "; secure" : "";
document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
