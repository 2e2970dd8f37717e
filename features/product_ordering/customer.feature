Feature: Creating a customer and its contacts
  ProductOrdering UC1: Orange sends a customer with its contacts and no order item.
  Nothing is produced; the partner gives each of them an id of its own.

  @PO-UC1-01 @PO-UC1-02 @PO-UC1-03 @PO-UC1-04 @PO-UC1-05 @GEN-06 @GEN-07 @GEN-11 @GEN-12 @traffic
  Scenario: A customer with customer contacts and an Orange contact
    When Orange creates a customer
    Then the customer has an id by the partner
    And each contact has an id by the partner
    And nothing is produced
    And the customer's id shows no licence
    And the references of customer and contacts are unchanged
    And the order was answered at once

  @GEN-03
  Scenario: The minimal request
    When Orange creates a customer with the minimal request
    Then the customer has an id by the partner
    And each contact has an id by the partner

  @PO-UC1-06
  Scenario: Accents and long values
    When Orange creates a customer with accented and long values
    Then the values that come back are those that were sent

  @GEN-04
  Scenario: Fields that the partner does not know
    When Orange creates a customer with unknown fields

  @GEN-15
  Scenario: The same customer sent twice
    Given a customer
    When Orange sends the same customer again

  @GEN-05
  Scenario: The same people at two customers
    Given a customer
    When Orange creates another customer with the same people as contacts
    Then each contact has an id by the partner
