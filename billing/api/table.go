package api

import (
	"net/http"
	"slices"

	"github.com/clementine-ope/clementine/billing"
)

// table is every operation of the API.
func (a *API) table() []route {
	return slices.Concat(
		a.subscriptionRoutes(), a.changeRoutes(), a.costRoutes(), a.budgetRoutes(), a.catalogueRoutes(), a.clientRoutes(), a.traceRoutes(),
		a.documentRoutes(),
	)
}

// params joins tables of parameters.
func params(lists ...[]param) []param { return slices.Concat(lists...) }

func (a *API) subscriptionRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/subscriptions", id: "listSubscriptions", tag: "Subscriptions",
			summary: "List or export subscriptions", right: reader, handle: a.listSubscriptions,
			notes: "JSON comes in pages; CSV and JSON Lines hold everything that matches. Dates are whole days, and after and before include " +
				"the day. A parameter that is not known is refused.",
			params:  params(filterParams(), orderParams(), pageParams(), dialectParams(), []param{formatParam(listFormats()...)}),
			formats: listFormats(), answer: reply{status: http.StatusOK, says: "A page, or the export.", model: Subscription{}, many: true},
		},
		{
			method: http.MethodPost, path: "/subscriptions", id: "createSubscription", tag: "Subscriptions",
			summary: "Create a subscription", right: writer, handle: a.createSubscription,
			notes: "endDate is the last day included. Amounts are before tax; a line is quantity times unit price rounded once, half to even. " +
				"A subscription of the same offer, envelope and reference may follow another, and not share a day with it.",
			body: SubscriptionInput{}, once: true, params: []param{paramAsOf}, refusals: []kind{kindDuplicate, kindInvalid, kindKeyReused},
			answer: reply{status: http.StatusCreated, says: "It is stored.", model: Subscription{}, headers: []string{"Location", "ETag"}},
		},
		{
			method: http.MethodGet, path: "/subscriptions/{id}", id: "getSubscription", tag: "Subscriptions",
			summary: "Show a subscription with its lines, prices and holds", right: reader, handle: a.getSubscription,
			params: []param{paramAsOf}, refusals: []kind{kindNotFound},
			answer: reply{status: http.StatusOK, says: "The subscription.", model: Subscription{}, headers: []string{"ETag"}},
		},
		{
			method: http.MethodPatch, path: "/subscriptions/{id}", id: "patchSubscription", tag: "Subscriptions",
			summary: "Change label, reference, envelope or offer", right: writer, handle: a.patchSubscription,
			notes: "A merge patch (RFC 7396). If-Match is required, because what is not sent is kept as it is read. To move it to another " +
				"offer, both must be the client's.",
			body: SubscriptionPatch{}, media: []string{"application/merge-patch+json", "application/json"},
			ifMatch: required, once: true, params: []param{paramAsOf},
			refusals: []kind{kindNotFound, kindDuplicate, kindVersion, kindNoVersion, kindInvalid, kindKeyReused},
			answer:   reply{status: http.StatusOK, says: "It is changed.", model: Subscription{}, headers: []string{"ETag"}},
		},
		{
			method: http.MethodDelete, path: "/subscriptions/{id}", id: "deleteSubscription", tag: "Subscriptions",
			summary: "Delete a subscription, as if it had never been", right: writer, handle: a.deleteSubscription,
			notes:   "All its costs go with it; to stop them from a day on, end it. Its history stays in the audit.",
			ifMatch: required, once: true, refusals: []kind{kindNotFound, kindVersion, kindNoVersion, kindKeyReused},
			answer: reply{status: http.StatusNoContent, says: "It is deleted."},
		},
		{
			method: http.MethodPost, path: "/imports", id: "importSubscriptions", tag: "Subscriptions",
			summary: "Create many subscriptions, with a result per row", right: writer, handle: a.importSubscriptions,
			notes: "Each line of the body is what POST /subscriptions takes, or a line of an export as it is. Rows are independent: one that is rejected holds up no other. " +
				"They are written in batches of 500 lines; with Idempotency-Key a second call repeats no batch.",
			body: ImportRow{}, media: []string{"application/x-ndjson", "application/jsonl", "application/json-lines"},
			limit: a.options.ImportLimit, once: true, formats: []format{formatLines},
			params: []param{{
				name: "onDuplicate", says: "What to do with a row that is a duplicate; reject if it is left out.",
				enum: []string{string(billing.DuplicateReject), string(billing.DuplicateSkip)},
			}},
			refusals: []kind{kindBody, kindTooLarge, kindKeyReused},
			answer:   reply{status: http.StatusOK, says: "One result for each row, in their order.", model: ImportResult{}, many: true},
		},
	}
}

func listFormats() []format { return []format{formatJSONLD, formatJSON, formatCSV, formatLines} }

// changeRoutes are the acts on one subscription.
func (a *API) changeRoutes() []route {
	changed := reply{status: http.StatusOK, says: "It is changed.", model: Subscription{}, headers: []string{"ETag"}}
	added := reply{status: http.StatusCreated, says: "It is changed.", model: Subscription{}, headers: []string{"ETag"}}
	refusals := []kind{kindNotFound, kindVersion, kindInvalid, kindKeyReused}
	return []route{
		{
			method: http.MethodPost, path: "/subscriptions/{id}/holds", id: "addHold", tag: "Subscriptions",
			summary: "Suspend it for some days", right: writer, handle: a.addHold,
			notes: "Charge dates inside the hold are not due; the others do not move.",
			body:  HoldInput{}, ifMatch: optional, once: true, params: []param{paramAsOf}, refusals: refusals, answer: added,
		},
		{
			method: http.MethodDelete, path: "/subscriptions/{id}/holds/{holdId}", id: "removeHold", tag: "Subscriptions",
			summary: "Take a hold away", right: writer, handle: a.removeHold,
			ifMatch: optional, once: true, params: []param{paramAsOf}, refusals: refusals, answer: changed,
		},
		{
			method: http.MethodPost, path: "/subscriptions/{id}/revisions", id: "revise", tag: "Subscriptions",
			summary: "Change its price from a day on", right: writer, handle: a.revise,
			notes: "On the day of another revision it takes that one's place.",
			body:  RevisionInput{}, ifMatch: optional, once: true, params: []param{paramAsOf}, refusals: refusals, answer: added,
		},
		{
			method: http.MethodPost, path: "/subscriptions/{id}/end", id: "end", tag: "Subscriptions",
			summary: "End it, move its end, or open it again", right: writer, handle: a.end,
			body: EndInput{}, ifMatch: optional, once: true, params: []param{paramAsOf},
			refusals: append([]kind{kindDuplicate}, refusals...), answer: changed,
		},
	}
}

func (a *API) costRoutes() []route {
	formats := []format{formatJSON, formatJSONLD, formatCSV}
	asked := func(own ...param) []param {
		return params(own, filterParams(), dialectParams(), []param{formatParam(formats...)})
	}
	const notes = "One block per currency, none if nothing is charged; currencies are never added up. Amounts are before tax. Filters of offer " +
		"and envelope are answered at once, whatever the number of subscriptions; all others look at each subscription that matches."
	return []route{
		{
			method: http.MethodGet, path: "/costs/monthly", id: "monthlyCosts", tag: "Costs", notes: notes,
			summary: "The cost of a month, by offer and by envelope", right: reader, handle: a.monthlyCosts, formats: formats,
			params:   asked(param{name: "month", required: true, says: "The month.", example: "2026-03"}),
			refusals: []kind{kindTooBroad}, answer: reply{status: http.StatusOK, says: "The blocks.", model: MonthlyCost{}, many: true},
		},
		{
			method: http.MethodGet, path: "/costs/yearly", id: "yearlyCosts", tag: "Costs", notes: notes,
			summary: "The cost of a year, by month, by offer and by envelope", right: reader, handle: a.yearlyCosts, formats: formats,
			params: asked(param{name: "year", required: true, says: "The year.", example: "2026"}, param{
				name: "by", says: "envelope adds the parts of the envelopes, which takes longer.", enum: []string{"envelope"},
			}),
			refusals: []kind{kindTooBroad}, answer: reply{status: http.StatusOK, says: "The blocks.", model: YearlyCost{}, many: true},
		},
	}
}

func (a *API) catalogueRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/offers", id: "listOffers", tag: "Catalogue",
			summary: "List the offers that the client may see", right: reader, handle: a.listOffers,
			answer: reply{status: http.StatusOK, says: "All of them.", model: Offer{}, many: true},
		},
		{
			method: http.MethodPost, path: "/offers", id: "createOffer", tag: "Catalogue",
			summary: "Create an offer", right: admin, handle: a.createOffer, body: OfferInput{}, once: true,
			refusals: []kind{kindExists, kindInvalid, kindKeyReused},
			answer:   reply{status: http.StatusCreated, says: "It is stored.", model: Offer{}, headers: []string{"Location"}},
		},
		{
			method: http.MethodGet, path: "/offers/{code}", id: "getOffer", tag: "Catalogue",
			summary: "Show an offer", right: reader, handle: a.getOffer, refusals: []kind{kindNotFound},
			answer: reply{status: http.StatusOK, says: "The offer.", model: Offer{}},
		},
		{
			method: http.MethodGet, path: "/envelopes", id: "listEnvelopes", tag: "Catalogue",
			summary: "List the envelopes that hold something the client may see", right: reader, handle: a.listEnvelopes,
			answer: reply{status: http.StatusOK, says: "All of them.", model: Envelope{}, many: true},
		},
		{
			method: http.MethodPost, path: "/envelopes", id: "createEnvelope", tag: "Catalogue",
			summary: "Create an envelope", right: admin, handle: a.createEnvelope, body: EnvelopeInput{}, once: true,
			refusals: []kind{kindExists, kindInvalid, kindKeyReused},
			answer:   reply{status: http.StatusCreated, says: "It is stored.", model: Envelope{}, headers: []string{"Location"}},
		},
		{
			method: http.MethodGet, path: "/envelopes/{code}", id: "getEnvelope", tag: "Catalogue",
			summary: "Show an envelope", right: reader, handle: a.getEnvelope, refusals: []kind{kindNotFound},
			answer: reply{status: http.StatusOK, says: "The envelope.", model: Envelope{}},
		},
	}
}

func (a *API) clientRoutes() []route {
	plain := []format{formatJSON, formatJSONLD}
	shown := reply{status: http.StatusOK, says: "The client.", model: Client{}}
	secret := reply{status: http.StatusCreated, says: "The secret, shown this once.", model: Credentials{}}
	return []route{
		{
			method: http.MethodGet, path: "/clients", id: "listClients", tag: "Clients",
			summary: "List the API clients", right: admin, handle: a.listClients,
			answer: reply{status: http.StatusOK, says: "All of them.", model: Client{}, many: true},
		},
		{
			method: http.MethodPost, path: "/clients", id: "createClient", tag: "Clients", formats: plain,
			summary: "Create an API client", right: admin, handle: a.createClient, body: ClientInput{},
			refusals: []kind{kindInvalid}, answer: secret,
		},
		{
			method: http.MethodGet, path: "/clients/{id}", id: "getClient", tag: "Clients",
			summary: "Show an API client", right: admin, handle: a.getClient, refusals: []kind{kindNotFound}, answer: shown,
		},
		{
			method: http.MethodPut, path: "/clients/{id}/access", id: "setAccess", tag: "Clients",
			summary: "Replace what it may do", right: admin, handle: a.setAccess, body: Access{},
			refusals: []kind{kindNotFound, kindInvalid}, answer: shown,
		},
		{
			method: http.MethodPost, path: "/clients/{id}/secret", id: "rotateSecret", tag: "Clients", formats: plain,
			summary: "Give it a new secret; the old one and its tokens end at once", right: admin, handle: a.rotateSecret,
			refusals: []kind{kindNotFound}, answer: secret,
		},
		{
			method: http.MethodPost, path: "/clients/{id}/suspend", id: "suspendClient", tag: "Clients",
			summary: "Refuse it from now on, whatever token it holds", right: admin, handle: a.suspendClient,
			refusals: []kind{kindNotFound}, answer: shown,
		},
		{
			method: http.MethodPost, path: "/clients/{id}/activate", id: "activateClient", tag: "Clients",
			summary: "Let it in again", right: admin, handle: a.activateClient, refusals: []kind{kindNotFound}, answer: shown,
		},
	}
}

func (a *API) traceRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/suspects", id: "listSuspects", tag: "Suspects",
			summary: "List suspected duplicates, the newest first", right: reader, handle: a.listSuspects,
			params: params([]param{{
				name: "decision", says: "What became of them.", enum: []string{"open", "keep", "cancel"},
			}}, pageParams()),
			answer: reply{status: http.StatusOK, says: "A page.", model: Suspect{}, many: true},
		},
		{
			method: http.MethodPost, path: "/suspects/{id}/decision", id: "settleSuspect", tag: "Suspects",
			summary: "Settle a suspected duplicate", right: writer, handle: a.settleSuspect, body: DecisionInput{}, once: true,
			refusals: []kind{kindNotFound, kindInvalid, kindKeyReused}, answer: reply{status: http.StatusOK, says: "It is settled.", model: Suspect{}},
		},
		{
			method: http.MethodGet, path: "/audit", id: "listAudit", tag: "Audit",
			summary: "List who did what, the newest first", right: reader, handle: a.listAudit,
			notes:  "A client sees what touched its offers; an admin sees everything.",
			params: params(auditParams(), pageParams()), answer: reply{status: http.StatusOK, says: "A page.", model: AuditEntry{}, many: true},
		},
		{
			method: http.MethodGet, path: "/reconciliations", id: "listReconciliations", tag: "Audit",
			summary: "List the last comparisons of sums and subscriptions", right: admin, handle: a.listReconciliations,
			answer: reply{status: http.StatusOK, says: "The newest first.", model: Reconciliation{}, many: true},
		},
		{
			method: http.MethodPost, path: "/reconciliations", id: "reconcile", tag: "Audit", formats: []format{formatJSON, formatJSONLD},
			summary: "Compare all sums with the subscriptions; nothing is repaired", right: admin, handle: a.reconcile,
			answer: reply{status: http.StatusCreated, says: "The report.", model: Reconciliation{}},
		},
	}
}

// documentRoutes are open to everybody: they hold nothing of the database.
func (a *API) documentRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: openAPIPath, id: "openAPI", tag: "Documentation", formats: []format{formatJSON},
			summary: "This description, as OpenAPI 3.1", right: public, handle: a.openAPI,
			answer: reply{status: http.StatusOK, says: "The document."},
		},
		{
			method: http.MethodGet, path: docsPath, id: "docs", tag: "Documentation", formats: []format{formatHTML},
			summary: "This description, as a page", right: public, handle: a.docs,
			answer: reply{status: http.StatusOK, says: "The page."},
		},
		{
			method: http.MethodGet, path: "/contexts/{kind}", id: "context", tag: "Documentation", formats: []format{formatJSONLD},
			summary: "What the names of a kind of resource mean, for JSON-LD", right: public, handle: a.context,
			refusals: []kind{kindNotFound}, answer: reply{status: http.StatusOK, says: "The context."},
		},
	}
}
