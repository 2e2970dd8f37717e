Feature: Looking back at the whole run
  What only shows over many orders: judged once everything else has ended and nothing more has come for a while.

  @GEN-10
  Scenario: One event for each acknowledged request
    Then no acknowledged request got a second event

  @GEN-08
  Scenario: No event from a synchronous partner
    Then no event answered a request

  @GEN-05
  Scenario: Ids
    Then no two orders, contacts, fleets or licences share an id

  @AUTH-01
  Scenario: Token requests
    Then each token was asked for with client credentials

  @AUTH-02
  Scenario: Tokens of the event calls
    Then each event call carried a valid token

  @AUTH-04
  Scenario: Tokens are kept
    Then tokens were reused

  @AUTH-05
  Scenario: The offer
    Then each event went to the declared offer

  @AUTH-08
  Scenario: Events refused for good
    Then no event refused for good was sent without end

  @US-UC5-04
  Scenario: One end user for each licence
    Then no licence was given a second end user

  @US-UC2-01 @US-UC2-02 @US-UC2-03 @US-UC3-01 @US-UC3-02 @selected
  Scenario: States that last
    Then licences are still as the updates left them

  @US-UC4-01 @US-UC4-04 @selected
  Scenario: Swaps that last
    Then licences are still as the updates left them
