Feature: Refusing what can't be met
  An order that can't be met or read is refused: a 4xx, state failed, or an acknowledgement followed by a failed
  event. Nothing is produced, and the partner never answers a 5xx.

  @PO-UC2-04 @PO-UC4-01 @GEN-10 @traffic
  Scenario: An unknown product offering, as a first order
    Given a customer
    When Orange orders an unknown offering, which is refused
    Then the next order holds its own licences only, or else PO-UC2-04

  @PO-UC2-04
  Scenario: An unknown product offering, into a known fleet
    Given a customer with a fleet of 2 licences
    When Orange orders an unknown offering into the fleet, which is refused
    Then nothing has changed, or else PO-UC2-04

  @GEN-13
  Scenario: A body that is not JSON
    Given a customer
    When Orange sends an order that is not JSON, which is refused

  @GEN-13
  Scenario Outline: An order item without its <field>, as a first order
    Given a customer
    When Orange sends an order without its <field>, which is refused
    Then the next order holds its own licences only, or else GEN-13

    Examples:
      | field    |
      | offering |
      | quantity |

  @GEN-13
  Scenario Outline: An order item without its <field>, into a known fleet
    Given a customer with a fleet of 2 licences
    When Orange sends an order into the fleet without its <field>, which is refused
    Then nothing has changed, or else GEN-13

    Examples:
      | field    |
      | offering |
      | quantity |
