// The connection, which net.js puts on the window for the scripts that are loaded after it:
//   ask(url, options)         fetches from Parley; it rejects if there is no answer of Parley's own
//   lost()                    an answer did not come: tries until Parley answers
//   trouble(what, on, after)  what does not work, or works again
//   inTrouble(), ended()      whether something does not work; whether the session has ended
//   pause(tries)              the delay before the next attempt, in milliseconds
//   signedOut(byUser)         an answer said that the session has ended
//   returnTo()                where a sign-in leads back to; the inbox sets it
export const parley = window.parley;
