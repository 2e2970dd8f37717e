// Package pages is the developer portal for people, at /portal: the partner's side (account, applications,
// subscriptions, integration phase) and Orange's (requests to decide, invitations, partners, the mailbox). It owns pages
// and forms. It does not own rules, which are portal's, nor layout, sign-in and protection of forms, which are web's.
//
// A partner signs in with address and password. Orange's side takes the operator's token, without an address; where the
// server listens on the loopback interface, requests from this machine are Orange's until somebody signs in.
package pages
