// Package portal is Orange's developer portal: accounts with an activation link, applications with their credentials,
// subscriptions to Orange's APIs and what Orange decides about them, invitations, outgoing mail, and the checklist of
// the integration phase.
//
// It owns these rules and the tables behind them; Service is the one door to both, for the API (portal/api) and the
// pages (portal/pages) alike. It does not own tokens: it tells a Registry which application is let in to what. Nor does
// it judge a partner: the checklist is filled from what a run has judged.
//
// Mail is written and never sent: it lands in the mailbox.
package portal
