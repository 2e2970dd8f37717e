Feature: The partner reports resources and logins
  UserService UC5.2 and UC5.3: the partner tells Orange when a realizing resource or a login changes.

  @US-UC5-05 @US-UC5-08 @traffic
  Scenario: Changing the realizing resource
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger realizingResource.modify
    When the partner reports realizingResource.modify
    Then the licence shows the resource that the event announced

  @US-UC5-06 @US-UC5-08 @AUTH-05 @traffic
  Scenario: Changing the login
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And the trigger login.modify
    When the partner reports login.modify
    Then the licence has one login at most
