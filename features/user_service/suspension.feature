Feature: Suspending and reactivating licences
  UserService UC2: suspended and inactive make a licence inactive, active makes it active again. An update is one
  transaction, and touches only the licences that it names.

  @US-UC2-01 @US-UC2-06 @US-UC2-07 @GEN-14 @GEN-09 @US-UC6-01 @US-UC6-02 @US-UC6-03 @GEN-07 @GEN-11 @traffic
  Scenario: Suspending two licences of three
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange sets them to suspended

  @US-UC2-02 @US-UC2-06 @US-UC2-07 @US-UC6-02
  Scenario: Inactivating licences
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange sets them to inactive

  @US-UC2-03 @US-UC2-06 @US-UC2-07 @US-UC6-02
  Scenario: Reactivating licences
    Given a customer with a fleet of 4 licences
    And 3 of its licences
    When Orange sets them to suspended
    And 2 of its licences
    And Orange sets them to active
    And Orange sets them to inactive
    And Orange sets them to active

  @US-UC2-04 @US-UC1-05
  Scenario: Inactivation keeps what the licence has
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And an end user on it, where the profile can add one
    And a login on it, where the profile can renew one
    When Orange sets them to suspended
    Then they keep everything but their state, or else US-UC2-04
    And reading it again shows the same licences
    When Orange sets them to active
    Then they keep everything but their state, or else US-UC2-04

  @US-UC2-05 @GEN-10 @traffic
  Scenario Outline: One unknown licence in an update to <state>
    Given a customer with a fleet of 3 licences
    And 2 of its licences
    When Orange sets them and an unknown licence to <state>, which is refused, or else US-UC2-05
    Then nothing has changed, or else US-UC2-05

    Examples:
      | state     |
      | suspended |
      | inactive  |

  @US-UC2-08
  Scenario: Asking twice
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    And an end user on it, where the profile can add one
    When Orange sets them to suspended
    Then setting them to suspended again changes nothing
    When Orange sets them to active
    Then setting them to active again changes nothing

  @GEN-04
  Scenario: Fields that the partner does not know
    Given a customer with a fleet of 2 licences
    And 1 of its licences
    When Orange sets them to suspended, with unknown fields

  @GEN-13 @US-UC2-05
  Scenario Outline: An update with <fault>
    Given a customer with a fleet of 2 licences
    And 2 of its licences
    When Orange sends an update with <fault>, which is refused
    Then nothing has changed, or else US-UC2-05

    Examples:
      | fault                |
      | no licences          |
      | a licence without id |
      | no JSON              |
