// Package harness plays Orange towards a partner and judges what comes back.
//
// It owns the verbs (create a customer, order licences, wait for the event), the partner's HTTP client with its
// transcript, the inbox of events, isolation between scenarios, and the verdicts. It does not own wording (steps), the
// contract (schemas) or rendering (reports), and it knows neither godog nor testing.T.
//
// Data flows one way: a verb sends a request, the client records the exchange, the pack judges the bytes, the verb
// reads values by role and records findings in the World of its scenario; Fold turns all Worlds into verdicts.
package harness
