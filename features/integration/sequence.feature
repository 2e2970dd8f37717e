Feature: The whole sequence on one customer
  The integration phase runs everything in order on one customer, first on the non-production offer, then a short
  pass in production.

  @INT-01
  Scenario: Create, order, consult, suspend, reactivate, swap, add, delete
    Given the whole sequence INT-01
    And a customer with a fleet of 3 licences
    And reading the fleet twice shows the same licences
    And 2 of its licences
    When Orange sets them to suspended
    And Orange sets them to active
    And they keep everything but their state, or else US-UC2-04
    And Orange swaps them to the second offering, where declared
    And Orange orders 2 more licences
    And the fleets hold 2 licences more than before
    And the licences from before are unchanged, or else PO-UC3-03
    And 3 of its licences
    And Orange sets them to deleted
    And reading the fleet twice shows the same licences
    Then the whole sequence held

  @INT-02
  Scenario: In production, a short pass on a simulated customer
    Given the whole sequence INT-02
    And a customer with a fleet of 2 licences
    And reading the fleet twice shows the same licences
    And 1 of its licences
    When Orange sets them to suspended
    And Orange sets them to deleted
    Then the whole sequence held
