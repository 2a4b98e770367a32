// The template editor: saves while the user types, marks findings in the text, applies fixes. Without this script the
// form still works with its buttons.
import "./editor/autosave.js";
import "./editor/findings.js";
import "./editor/insert.js";
import "./editor/upload.js";
import "./editor/phone.js";
