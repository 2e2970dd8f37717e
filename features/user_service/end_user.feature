Feature: The partner reports end users
  UserService UC5.1: the customer links, changes or unlinks an end user in the partner's tool, and the partner tells
  Orange by an event.

  @US-UC5-01 @US-UC5-07 @US-UC5-08 @AUTH-05 @traffic
  Scenario: Linking an end user
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger endUser.add
    When the partner reports endUser.add
    Then the licence shows what the event announced

  @US-UC5-02 @US-UC5-07 @traffic
  Scenario: Changing an end user
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger endUser.add
    And the trigger endUser.modify
    When the partner reports endUser.add
    And the licence shows what the event announced
    Then the partner reports a changed end user, who keeps the id

  @US-UC5-03 @traffic
  Scenario: Unlinking an end user
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger endUser.add
    And the trigger endUser.delete
    When the partner reports endUser.add
    And the partner reports endUser.delete
    Then the licence shows what the event announced

  @US-UC5-04
  Scenario: A second end user
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger endUser.add
    When the partner reports endUser.add
    Then a second end user is refused or never reported
