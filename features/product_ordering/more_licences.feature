Feature: Adding licences to a customer
  ProductOrdering UC3: an order names the fleet that Orange knows; quantities are deltas. The partner puts the
  licences there or into another fleet, and says which.

  @PO-UC3-01 @PO-UC3-02 @PO-UC3-03 @PO-UC2-09
  Scenario: More licences of the same offering
    Given a customer with a fleet of 2 licences
    When Orange orders 3 more licences
    Then the fleets hold 3 licences more than before
    And the new licences are in the fleet that the answer names
    And the licences from before are unchanged, or else PO-UC3-03

  @PO-UC3-01 @PO-UC3-03
  Scenario: Twice more
    Given a customer with a fleet of 4 licences
    When Orange orders 2 more licences
    And the fleets hold 2 licences more than before
    And Orange orders 2 more licences
    Then the fleets hold 2 licences more than before
    And the licences from before are unchanged, or else PO-UC3-03

  @PO-UC3-03
  Scenario: Licences keep what they have
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And an end user on it, where the profile can add one
    And a login on it, where the profile can renew one
    When Orange sets them to suspended
    And Orange orders 2 more licences
    And the fleets hold 2 licences more than before
    Then the licences from before are unchanged, or else PO-UC3-03

  @PO-UC3-05
  Scenario: A second offering in the fleet
    Given a customer with a fleet of 2 licences
    When Orange orders 2 more licences of a second offering
    Then each licence is on the offering it was ordered with

  @PO-UC3-04
  Scenario: A fleet that nobody knows
    Given a customer with a fleet of 2 licences
    And a customer
    Then an order of 2 licences into an unknown fleet is refused or met in a fleet of its own
    And the first customer's fleet is unchanged, or else PO-UC3-04

  @GEN-03
  Scenario: The minimal request
    Given a customer with a fleet of 2 licences
    When Orange orders 2 more licences with the minimal request
    Then the fleets hold 2 licences more than before

  @PO-UC2-05
  Scenario: Licences show once the order is completed
    Given a customer with a fleet of 2 licences
    When Orange orders 2 more licences and looks right after the acknowledgement
