Feature: Delivering events through a gateway that has bad moments
  Nothing acknowledged may be lost: the partner renews its token, tries again, and gives up what is refused for good.

  @async @AUTH-03 @traffic
  Scenario: The token has expired, for an order
    Given a customer
    When the gateway answers the order's event with 401 expired credentials
    Then the same event is delivered again with a new token, or else AUTH-03

  @sync @AUTH-03 @traffic
  Scenario: The token has expired, for a change by the partner
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And a trigger for a change by the partner
    When the gateway answers the change's event with 401 expired credentials
    Then the same event is delivered again with a new token, or else AUTH-03

  @AUTH-06
  Scenario: The gateway is unavailable
    Given a customer
    When the gateway answers the order's event with 503
    Then the same event is delivered again, or else AUTH-06

  @AUTH-07
  Scenario: The gateway's answer is lost
    Given a customer
    When the gateway takes the order's event but its answer is lost
    Then a repeated event is the same event

  @async @AUTH-08
  Scenario: The gateway refuses the event, for an order
    Given a customer
    When the gateway answers the order's event with 400 for good
    Then the event is not sent without end

  @sync @AUTH-08
  Scenario: The gateway refuses the event, for a change by the partner
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And a trigger for a change by the partner
    When the gateway answers the change's event with 400 for good
    Then the event is not sent without end
