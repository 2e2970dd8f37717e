// Package backoffice is the web pages of billing: subscriptions, offers and what they cost, API clients, the trace of
// accesses, suspected duplicates, reconciliation and the API's documentation.
//
// It owns pages and forms. It does not own rules or queries, which are billing's and its store's, nor layout, sign-in
// and protection of forms, which are web's.
//
// Who may do what is as in the API. Somebody signs in as a billing client, by its id and secret, and sees and does what
// that client may; or with the back-office's own token, as an administrator named "back-office". Where the server
// listens on the loopback interface, requests from this machine act as that administrator without signing in. The
// client is read again at each request, so that a suspension counts at once. All writes are audited, and so is every
// page that an administrator or an omniscient client reads.
package backoffice
