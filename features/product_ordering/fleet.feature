Feature: Ordering a fleet of licences
  ProductOrdering UC2: an add order makes a fleet; the fleet holds exactly the licences that were ordered.

  @PO-UC2-01 @PO-UC2-06 @PO-UC2-02 @PO-UC2-03 @PO-UC2-09 @PO-UC4-01 @PO-UC4-02 @PO-UC4-03 @PO-UC4-04 @GEN-02 @GEN-09 @GEN-10 @GEN-12 @GEN-07 @GEN-11 @traffic
  Scenario: A first order
    Given a customer
    When Orange orders 3 licences
    Then the fleet holds exactly 3 licences, active and on the offering ordered

  @PO-UC2-10
  Scenario: One licence
    Given a customer
    When Orange orders the smallest quantity, 1
    Then the fleet holds exactly what was ordered, at the edge

  @PO-UC2-10 @US-UC1-01
  Scenario: As many licences as the profile allows
    Given a customer
    When Orange orders the largest quantity
    Then the fleet holds exactly what was ordered, at the edge
    And a fleet that has grown beyond it is still read whole

  @PO-UC2-10
  Scenario Outline: A quantity that can't be met, as a first order: <quantity>
    Given a customer
    When Orange orders a quantity of <quantity>, which is refused
    Then the next order holds its own licences only, or else PO-UC2-10

    Examples:
      | quantity |
      | 0        |
      | -1       |
      | 1.5      |

  @PO-UC2-10
  Scenario Outline: A quantity that can't be met, into a known fleet: <quantity>
    Given a customer with a fleet of 2 licences
    When Orange orders a quantity of <quantity> into the fleet, which is refused
    Then nothing has changed, or else PO-UC2-10

    Examples:
      | quantity |
      | 0        |
      | -1       |
      | 1.5      |

  @PO-UC2-10
  Scenario: A quantity sent as text
    Given a customer
    Then an order of "2" licences, as text, is refused or met as 2

  @PO-UC2-11 @GEN-05
  Scenario: Two customers
    Then two customers with a fleet each see their own licences only

  @GEN-03
  Scenario: The minimal request
    Given a customer
    When Orange orders 2 licences with the minimal request
    Then the fleet holds exactly 2 licences, active and on the offering ordered

  @GEN-04
  Scenario: Fields that the partner does not know
    Given a customer
    When Orange orders 2 licences with unknown fields
    Then the fleet holds exactly 2 licences, active and on the offering ordered

  @GEN-15
  Scenario: The same order sent twice
    Given a customer with a fleet of 2 licences
    When Orange sends the same order again

  @PO-UC2-07
  Scenario: Technical information
    Given a customer
    When Orange orders 2 licences with the declared technical information
    Then the fleet holds exactly 2 licences, active and on the offering ordered
    And an order without the required technical information is refused

  @PO-UC2-08
  Scenario: Realizing resources
    Given a customer with a fleet of 3 licences
    Then the licences carry the realizing resource that the profile declares
    When Orange orders 2 more licences
    And the fleets hold 2 licences more than before
    Then the licences carry the realizing resource that the profile declares

  @PO-UC2-08
  Scenario: An order with the end user's configuration
    Given a customer
    When Orange orders 2 licences with an end user configuration
    Then the fleet holds exactly 2 licences, active and on the offering ordered
