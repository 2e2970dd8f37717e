// Package reference is what the reference partner declares, for the profiles of the benches.
//
// It owns the offerings, features and triggers of those profiles, as YAML. It does not own the rest of a profile: addresses,
// credentials and delays are each bench's own.
package reference

// Declared are the offer, the offerings and the features.
const Declared = `offer: mba2
offerings: [{code: NOTES-S, name: Notes Standard}, {code: NOTES-L, name: Notes Large}]
features:
  changeOffering: true
  endUser: true
  renewLogin: true
  consultById: true
  realizingResource: {type: URL, per: fleet, from: order, changeable: true, properties: [url]}
  technicalInformation: [{name: storageSize, example: "50", required: true}]
`

// Triggers start, at the customer's tool, every change that the reference partner can report.
const Triggers = `triggers:
  endUser.add: {http: {url: "{base}/customer-tool/{licence}/user/add"}}
  endUser.modify: {http: {url: "{base}/customer-tool/{licence}/user/modify"}}
  endUser.delete: {http: {url: "{base}/customer-tool/{licence}/user/delete"}}
  realizingResource.modify: {http: {url: "{base}/customer-tool/{licence}/resource/modify"}}
  login.modify: {http: {url: "{base}/customer-tool/{licence}/login/modify"}}
`
