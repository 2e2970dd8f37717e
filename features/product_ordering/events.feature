Feature: Several orders at once
  ProductOrdering UC4: each acknowledged order is answered by its own event.

  @PO-UC4-05 @traffic
  Scenario: Three orders in flight
    When Orange orders for three customers at the same time
    Then each customer has exactly its own licences
