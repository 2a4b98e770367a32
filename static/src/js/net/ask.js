// Requests of scripts.
import { isOurs, partial, works } from "./headers.js";
import { back, lost } from "./probe.js";
import { signedOut } from "./session.js";
import { inTrouble, leaving } from "./state.js";

// ask fetches from Parley. It rejects if there was no answer, or one that is not Parley's own, or if the session has
// ended; with byUser that leads to the sign-in.
export const ask = async (url, { byUser, ...options } = {}) => {
  let response;
  try {
    response = await fetch(url, { ...options, headers: { ...partial, ...options.headers } });
  } catch (error) {
    if (error?.name !== "AbortError") lost();
    throw error;
  }
  if (!isOurs(response)) {
    lost();
    throw new Error("not Parley's answer");
  }
  if (response.status === 401) {
    signedOut(byUser);
    throw new Error("signed out");
  }
  if (inTrouble("net") && works(response) && !leaving()) back();
  return response;
};
