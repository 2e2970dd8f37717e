Feature: A gateway on a bad day
  What goes beyond the requirements. Whether a partner holds here is reported apart from conformance.

  @async @resilience
  Scenario: 429 with Retry-After
    Given a customer apart from the others
    When the gateway answers an order's event with 429 and Retry-After 1
    Then the same event comes again after 1 s at the earliest, and is taken

  @async @resilience
  Scenario: 500
    Given a customer apart from the others
    When the gateway answers an order's event with 500
    Then the same event comes again and is taken
    And it is not sent once more

  @async @resilience
  Scenario: A proxy's page of HTML with 502
    Given a customer apart from the others
    When a proxy answers an order's event with a page of HTML and 502
    Then the same event comes again and is taken
    And it is not sent once more

  @async @resilience
  Scenario: Connection cut before the event was taken
    Given a customer apart from the others
    When the connection is cut before an order's event is taken
    Then the same event comes again and is taken
    And it is not sent once more

  @async @resilience
  Scenario: Slow answer
    Given a customer apart from the others
    When the gateway takes an order's event and answers after 500 ms
    Then it is the same event if it comes again
    And the partner goes on

  @async @resilience
  Scenario: Answer under another content type
    Given a customer apart from the others
    When the gateway takes an order's event and answers under another content type
    Then it is the same event if it comes again
    And the partner goes on

  @async @resilience
  Scenario: Huge answer
    Given a customer apart from the others
    When the gateway takes an order's event and answers with 10 MiB
    Then it is the same event if it comes again
    And the partner goes on
