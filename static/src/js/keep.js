// Long forms (data-keep) lose nothing when the session or the connection ends while they are being filled in: the input
// is stored in the browser and restored on the form's page, for the same user, until the form was accepted.
import "./keep/keep.js";
import { startRestoring } from "./keep/restore.js";

startRestoring();
