// Package web is the design system that all pages share: the layout and its components, the choice of language, the
// formatting of amounts and dates, sign-in and sessions, protection against forged requests, and the style sheets.
//
// It owns how a page looks, who may see it and what the browser is allowed to do. It does not own what a page says:
// an application (back-office, portal, console) brings its templates, its messages and its handlers, and gets a Site.
//
// Pages are rendered on the server and work without JavaScript. Where `make web` has been run they wear Boosted,
// Orange's Bootstrap, and htmx swaps parts of them; without it a small style sheet of our own does the same work.
package web
