// The headers of a request from a script, and of an answer from Parley.
export const live = document.getElementById("live");

// owner makes the server answer only if the page belongs to the signed-in user: somebody else may have signed in in
// another tab.
export const owner = live ? { "X-Parley-User": live.dataset.user } : {};
export const partial = { "HX-Request": "true", "HX-Request-Type": "partial", ...owner };

// isOurs reports whether an answer is Parley's own; works, whether Parley can do more than to report an error.
export const isOurs = (response) => response.headers.has("X-Parley");
export const works = (response) => isOurs(response) && response.status < 500;
