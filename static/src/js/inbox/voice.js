// Voice notes.
import { $$, on } from "../lib/dom.js";
import { complain, upload } from "./uploads.js";

const types = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const endings = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" };
let recorder;

// offerRecording shows the button where the browser can record.
export const offerRecording = () => $$("[data-record]").forEach((button) => {
  button.hidden = !(window.MediaRecorder && navigator.mediaDevices);
});

const record = (stream, button) => {
  const type = types.find((one) => MediaRecorder.isTypeSupported(one)), parts = [], began = Date.now();
  recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  button.dataset.recording = "";
  button.setAttribute("aria-label", "Stop the recording");
  const clock = setInterval(() => {
    button.title = `Recording, ${Math.round((Date.now() - began) / 1000)} s: press to stop`;
  }, 500);
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    clearInterval(clock);
    stream.getTracks().forEach((track) => track.stop());
    const kind = recorder.mimeType.split(";")[0];
    recorder = null;
    delete button.dataset.recording;
    button.setAttribute("aria-label", "Record a voice note");
    upload(new File(parts, "voice-note." + (endings[kind] || "webm"), { type: kind }), true);
  };
  recorder.start(500);
};

on("click", "[data-record]", async (button) => {
  if (recorder) {
    recorder.stop();
    return;
  }
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => null);
  if (stream) record(stream, button);
  else complain("The microphone can't be used. Allow it for this page in the browser.");
});
