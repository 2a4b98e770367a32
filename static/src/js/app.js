// The first script of every page, the simulator's too. It runs before the first paint, without defer. Without it the
// pages still work as plain links and forms.
import "./page/theme.js";
import "./page/composition.js";
import "./page/dialogs.js";
import "./page/zone.js";
import "./page/forms.js";
import "./page/upload.js";
import "./page/menus.js";
import "./page/screen.js";
import "./page/settle.js";
