Feature: Consulting licences
  UserService UC1: GET by fleet; by ids and by one id where the profile declares it.

  @US-UC1-01 @US-UC1-05
  Scenario: A fleet, read twice
    Given a customer with a fleet of 3 licences
    Then reading the fleet twice, and 2 times more, shows the same licences

  @US-UC1-01
  Scenario: A fleet of one licence
    Given a customer
    When Orange orders the smallest quantity, 1
    And the fleet holds exactly what was ordered, at the edge
    Then reading the fleet twice shows the same licences

  @US-UC1-04
  Scenario: An unknown fleet
    Given a customer with a fleet of 2 licences
    Then reading an unknown fleet shows no licence

  @US-UC1-02
  Scenario: A list of licences
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    Then reading them by their ids shows just those

  @US-UC1-03
  Scenario: One licence
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    Then reading it by its id shows it and no other
    And reading a licence that does not exist is refused
